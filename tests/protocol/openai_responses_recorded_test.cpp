// What the adapter makes of every recorded Responses exchange, held against a second, plainer
// reading of the same bytes in this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/openai_error.h"
#include "protocol/openai_responses.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::Kind;
using json::View;

constexpr char kAbsent[] =
    "the recorded exchanges are not here (../shared/data, or ATONCE_SHARED_DATA)";

struct Exchange {
  std::string file;
  json::Document document;
  View request;
  std::string body;
  int status;
  bool is_wire_text;
};

bool is_stream(const Exchange& exchange) { return exchange.body.starts_with("event:"); }

// Chat completions are in the same folder; the address tells them apart.
std::vector<Exchange> exchanges() {
  std::vector<Exchange> found;
  for (const auto& file : recorded_files("openai")) {
    auto document = json::Document::parse(read_all(file));
    EXPECT_TRUE(document) << file;
    if (!document) continue;
    const View request = document->root().find("request").value();
    const View response = document->root().find("response").value();
    if (!text_of(request, "url").ends_with("/responses")) continue;
    std::string body = text_of(response, "body");
    const auto status = static_cast<int>(response.find("status")->as_int64().value());
    const bool is_wire_text = response.find("body_is_wire_text")->as_bool().value();
    found.push_back({file.filename().string(), *std::move(document), request, std::move(body),
                     status, is_wire_text});
  }
  return found;
}

// The turn that a finished response object says, read plainly.
void check_turn(const ModelTurn& turn, const View& response) {
  std::string text;
  std::vector<call::Call> calls;
  for (const View& item : items_of(response, "output")) {
    for (const View& part : items_of(item, "content")) {
      if (text_of(part, "type") == "output_text") text += text_of(part, "text");
    }
    if (text_of(item, "type") == "function_call") {
      calls.push_back(
          {text_of(item, "call_id"), text_of(item, "name"), text_of(item, "arguments")});
    } else if (text_of(item, "type") == "custom_tool_call") {
      calls.push_back({text_of(item, "call_id"), text_of(item, "name"),
                       std::string(item.find("input")->raw())});
    }
  }
  EXPECT_EQ(turn.text, text);
  EXPECT_EQ(turn.calls, calls);
  EXPECT_EQ(turn.raw_content, response.find("output")->raw());
  EXPECT_EQ(turn.model, text_of(response, "model"));
  EXPECT_EQ(turn.response_id, text_of(response, "id"));
  EXPECT_EQ(turn.usage.total_tokens,
            response.find("usage")->find("total_tokens")->as_int64().value());
  EXPECT_EQ(turn.usage.output_tokens + turn.usage.thought_tokens + turn.usage.input_tokens,
            turn.usage.total_tokens);
  const bool is_refusal = response.find("output")->raw().contains(R"("type":"refusal")");
  EXPECT_EQ(turn.finish, is_refusal                                    ? Finish::blocked
                         : text_of(response, "status") == "incomplete" ? Finish::length
                                                                       : Finish::stop);
}

TEST(OpenAiResponsesRecorded, EveryAnswerParsesIntoTheCallsTextAndItemsThatItHolds) {
  const auto all = exchanges();
  if (all.empty()) GTEST_SKIP() << kAbsent;
  std::size_t turns = 0;
  std::size_t calls = 0;
  std::size_t errors = 0;
  for (const Exchange& exchange : all) {
    SCOPED_TRACE(exchange.file);
    if (is_stream(exchange)) continue;
    const auto document = json::Document::parse(exchange.body);
    ASSERT_TRUE(document) << document.error().message;
    const auto turn = openai_responses::read_response(exchange.body);
    if (exchange.status != 200) {
      ++errors;
      EXPECT_FALSE(turn);
      const Error error = openai::read_error(exchange.status, exchange.body, "m");
      EXPECT_EQ(error.code, ErrorCode::refused);
      EXPECT_TRUE(error.message.contains(text_of(*document->root().find("error"), "code")));
      continue;
    }
    ++turns;
    ASSERT_TRUE(turn) << turn.error().message;
    calls += turn->calls.size();
    check_turn(*turn, document->root());
  }
  EXPECT_GE(turns, 96U);
  EXPECT_GE(calls, 42U);
  EXPECT_GE(errors, 1U);
}

// Every event's data, up to the end of the first response: one recording holds four in a row.
std::vector<json::Document> events_of(const std::string& body) {
  std::vector<json::Document> events;
  std::size_t begin = 0;
  while (begin < body.size()) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    std::string line = body.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with("data:")) continue;
    auto document = json::Document::parse(line.substr(5));
    EXPECT_TRUE(document) << line;
    if (!document) continue;
    const std::string type = text_of(document->root(), "type");
    events.push_back(*std::move(document));
    if (type == "response.completed" || type == "response.incomplete") break;
  }
  return events;
}

// Returns whether the recording agrees with itself: one that was made by hand ends with another
// text than the one that its pieces tell.
bool check_stream(const Exchange& exchange) {
  const auto events = events_of(exchange.body);
  const auto make = openai_responses::make_stream_reader;
  const Streamed streamed = exchange.is_wire_text
                                ? stream_in_every_split(make, exchange.body)
                                : stream(make, exchange.body, [] { return std::size_t{4096}; });
  EXPECT_TRUE(streamed.turn) << streamed.turn.error().message;
  if (!streamed.turn) return true;
  check_turn(*streamed.turn, events.back().root().find("response").value());
  std::string pieces;
  for (const auto& event : events) {
    if (text_of(event.root(), "type") == "response.output_text.delta") {
      pieces += text_of(event.root(), "delta");
    }
  }
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, streamed.turn->calls));
  const bool is_consistent = streamed.turn->text.starts_with(pieces);
  EXPECT_EQ(streamed.told.text(), is_consistent ? streamed.turn->text : pieces);
  return is_consistent;
}

TEST(OpenAiResponsesRecorded, EveryStreamSaysTheSameInAnySplit) {
  const auto all = exchanges();
  if (all.empty()) GTEST_SKIP() << kAbsent;
  std::size_t streams = 0;
  std::size_t wire_texts = 0;
  std::size_t contradictions = 0;
  for (const Exchange& exchange : all) {
    if (!is_stream(exchange)) continue;
    SCOPED_TRACE(exchange.file);
    ++streams;
    wire_texts += exchange.is_wire_text ? 1 : 0;
    contradictions += check_stream(exchange) ? 0 : 1;
  }
  EXPECT_GE(streams, 56U);
  EXPECT_GE(wire_texts, 40U);
  EXPECT_LE(contradictions, 1U);
}

bool is_output(const View& item) {
  return text_of(item, "type") == "function_call_output" ||
         text_of(item, "type") == "custom_tool_call_output";
}

bool is_user(const View& item) { return text_of(item, "role") == "user"; }

// `system` and `developer`, which we send as instructions.
bool is_instruction(const View& item) {
  return !text_of(item, "role").empty() && !is_user(item) && text_of(item, "role") != "assistant";
}

std::string text_or_raw(const View& view) {
  return std::string(view.as_string().value_or(view.raw()));
}

Message read_turn(const std::vector<View>& items) {
  std::string output;
  for (const View& item : items) output += (output.empty() ? "" : ",") + std::string(item.raw());
  auto turn =
      openai_responses::read_response(R"({"status":"completed","output":[)" + output + "]}");
  EXPECT_TRUE(turn);
  return *std::move(turn);
}

// The history that a recorded input tells, and what we should send for it.
struct History {
  std::vector<Message> messages;
  std::string expected;
};

History read_history(const View& input) {
  History history;
  json::Writer writer;
  writer.begin_array();
  std::vector<View> items;  // of the open turn
  const auto close_turn = [&] {
    if (!items.empty()) history.messages.push_back(read_turn(std::exchange(items, {})));
  };
  for (const View& item : input.items()) {
    if (is_instruction(item)) continue;
    if (is_output(item)) {
      close_turn();
      if (!std::holds_alternative<FunctionResults>(history.messages.back())) {
        history.messages.emplace_back(FunctionResults{});
      }
      const std::string id = text_of(item, "call_id");
      const std::string text = text_or_raw(item.find("output").value());
      std::get<FunctionResults>(history.messages.back())
          .calls.push_back({.call = {id, "", "{}"}, .outcome = call::Returned{json::quoted(text)}});
      writer.begin_object().key("type").string(text_of(item, "type"));
      writer.key("call_id").string(id).key("output").string(text).end_object();
    } else if (is_user(item)) {
      close_turn();
      const std::string text = text_or_raw(item.find("content").value());
      history.messages.emplace_back(UserText{text});
      writer.begin_object().key("role").string("user").key("content").string(text).end_object();
    } else {
      items.push_back(item);
      writer.raw(item.raw());
    }
  }
  close_turn();
  writer.end_array();
  history.expected = writer.take();
  return history;
}

TEST(OpenAiResponsesRecorded, TheSameHistoryIsSentWithTheSameItemsAndOneOutputPerCall) {
  const auto all = exchanges();
  if (all.empty()) GTEST_SKIP() << kAbsent;
  std::size_t with_results = 0;
  for (const Exchange& exchange : all) {
    SCOPED_TRACE(exchange.file);
    const auto body = exchange.request.find("body");
    const auto input = body ? body->find("input") : std::nullopt;
    if (!input || std::ranges::none_of(input->items(), is_output)) continue;
    // A conversation that the server keeps begins with the outputs.
    if (body->find("previous_response_id")) continue;
    ++with_results;
    const History history = read_history(*input);

    const std::string sent = openai_responses::write_request(
        {.messages = history.messages, .tools = {}}, {.model = text_of(*body, "model")});

    const auto document = json::Document::parse(sent);
    ASSERT_TRUE(document);
    EXPECT_TRUE(same_json(document->root().find("input")->raw(), history.expected));
  }
  EXPECT_GE(with_results, 36U);
}

}  // namespace
}  // namespace atonce::protocol
