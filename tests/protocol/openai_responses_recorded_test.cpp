// What the adapter makes of every recorded Responses exchange, held against a second, plainer
// reading of the same bytes in this file.
#include <gtest/gtest.h>

#include <algorithm>
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
using json::View;

bool is_stream(const RecordedExchange& exchange) { return exchange.body.starts_with("event:"); }

// Chat completions are in the same folder; the address tells them apart.
std::vector<RecordedExchange> exchanges() {
  std::vector<RecordedExchange> all = recorded_exchanges("openai");
  std::erase_if(all, [](const auto& one) { return !one.url.ends_with("/responses"); });
  return all;
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
  if (all.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t turns = 0;
  std::size_t calls = 0;
  std::size_t errors = 0;
  for (const RecordedExchange& exchange : all) {
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
bool check_stream(const RecordedExchange& exchange) {
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
  if (all.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t streams = 0;
  std::size_t wire_texts = 0;
  std::size_t contradictions = 0;
  for (const RecordedExchange& exchange : all) {
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

}  // namespace
}  // namespace atonce::protocol
