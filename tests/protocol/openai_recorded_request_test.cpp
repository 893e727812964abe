// Every recorded request of OpenAI's two APIs that holds tool results, held against the one that we
// send for the same history: both must mean the same. A meaning is one JSON array with an element
// for each message or item:
//   {"model": the message or item, byte for byte}
//   {"user": its texts joined, "files": [[media type, base64], ...]}
//   {"result": its text, "id": of the call, "type": of the item, "files"}
// What it makes equal, and nothing else: a text as itself and as the only part of its content; the
// names of files; files that are only named by an address or an id, of which atonce has none, and
// the JSON of their part as text; and the text of a result beside a file that is all of it. System
// and developer messages, declarations and settings are no history and are not looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/meaning.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_responses.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::Kind;
using json::View;

struct Content {
  std::string text = {};
  std::vector<Media> files = {};
};

// Where a part of either API has its data, as the address "data:image/png;base64,...".
std::string data_of(const View& part) {
  for (const auto& path : std::vector<std::vector<const char*>>{
           {"image_url", "url"}, {"image_url"}, {"file", "file_data"}, {"file_data"}}) {
    std::optional<View> at = part;
    for (const char* key : path) at = at ? at->find(key) : at;
    if (const std::string data = string_of(at); data.starts_with("data:")) return data;
  }
  return "";
}

Content content_of(const View& view) {
  if (const auto text = view.as_string()) return {std::string(*text)};
  Content content;
  for (const View& part : view.items()) {
    const std::string data = data_of(part);
    if (part.find("text")) {
      content.text += text_of(part, "text");
    } else if (const auto comma = data.find(";base64,"); comma != std::string::npos) {
      content.files.push_back(
          {.media_type = data.substr(5, comma - 5), .data = data.substr(comma + 8)});
    } else {
      content.text += part.raw();
    }
  }
  return content;
}

void write_files(json::Writer& writer, const Content& content) {
  writer.key("files").begin_array();
  for (const Media& file : content.files) write_file(writer, file);
  writer.end_array().end_object();
}

void write_user(json::Writer& writer, const View& message) {
  const Content content = content_of(message.find("content").value());
  writer.begin_object().key("user").string(content.text);
  write_files(writer, content);
}

void write_result(json::Writer& writer, const View& content, const std::string& id,
                  const std::string& type) {
  const Content result = content_of(content);
  const bool is_file = !result.files.empty();
  writer.begin_object().key("result").string(is_file ? "" : result.text);
  writer.key("id").string(id).key("type").string(type);
  write_files(writer, result);
}

bool is_instruction(const View& message) {
  const std::string role = text_of(message, "role");
  return role == "system" || role == "developer";
}

std::string meaning_of_messages(const std::vector<View>& messages) {
  json::Writer writer;
  writer.begin_array();
  for (const View& message : messages) {
    const std::string role = text_of(message, "role");
    if (is_instruction(message)) continue;
    if (role == "tool") {
      write_result(writer, message.find("content").value(), text_of(message, "tool_call_id"), role);
    } else if (role == "user") {
      write_user(writer, message);
    } else {
      writer.begin_object().key("model").string(message.raw()).end_object();
    }
  }
  writer.end_array();
  return writer.take();
}

bool is_output(const View& item) { return text_of(item, "type").ends_with("call_output"); }

std::string meaning_of_items(const std::vector<View>& items) {
  json::Writer writer;
  writer.begin_array();
  for (const View& item : items) {
    if (is_instruction(item)) continue;
    if (is_output(item)) {
      write_result(writer, item.find("output").value(), text_of(item, "call_id"),
                   text_of(item, "type"));
    } else if (text_of(item, "role") == "user") {
      write_user(writer, item);
    } else {
      writer.begin_object().key("model").string(item.raw()).end_object();
    }
  }
  writer.end_array();
  return writer.take();
}

call::Finished read_result(const View& view) {
  std::string result = json::quoted(text_of(view, "result"));
  for (const Media& file : read_files(view)) {
    result = R"({"media_type":)" + json::quoted(file.media_type) + R"(,"data":)" +
             json::quoted(file.data) + "}";
  }
  return {.call = {text_of(view, "id"), "", "{}"}, .outcome = call::Returned{std::move(result)}};
}

// A wire: how what the model said is read, one message or the items of one turn.
using ReadTurn = Result<ModelTurn> (*)(const std::string& said);

Result<ModelTurn> read_message(const std::string& said) {
  return openai_chat::read_response(R"({"choices":[{"finish_reason":"stop","message":)" + said +
                                    "}]}");
}

Result<ModelTurn> read_items(const std::string& said) {
  return openai_responses::read_response(R"({"status":"completed","output":[)" + said + "]}");
}

// The history that has this meaning; what the model said in a row is one turn.
std::vector<Message> history_of(const View& meaning, ReadTurn read_turn) {
  std::vector<Message> messages;
  std::string said;
  const auto close_turn = [&] {
    if (said.empty()) return;
    auto turn = read_turn(std::exchange(said, ""));
    EXPECT_TRUE(turn);
    messages.emplace_back(*std::move(turn));
  };
  for (const View& element : meaning.items()) {
    if (const auto more = element.find("model")) {
      said += (said.empty() ? "" : ",") + string_of(more);
      continue;
    }
    close_turn();
    if (element.find("user")) {
      messages.emplace_back(UserText{text_of(element, "user"), read_files(element)});
      continue;
    }
    if (!std::holds_alternative<FunctionResults>(messages.back())) {
      messages.emplace_back(FunctionResults{});
    }
    std::get<FunctionResults>(messages.back()).calls.push_back(read_result(element));
  }
  close_turn();
  return messages;
}

std::size_t count_results(const View& meaning) {
  return static_cast<std::size_t>(std::ranges::count_if(
      meaning.items(), [](const View& element) { return element.find("result").has_value(); }));
}

bool is_chat_result(const View& message) { return text_of(message, "role") == "tool"; }

TEST(OpenAiChatRecordedRequest, MeansTheSameAsTheOneThatWeSendForTheSameHistory) {
  if (recorded_files("openai").empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t requests = 0;
  std::size_t results = 0;
  for (const RecordedExchange& exchange : recorded_exchanges("openai")) {
    SCOPED_TRACE(exchange.file);
    const auto messages =
        exchange.request_body ? items_of(*exchange.request_body, "messages") : std::vector<View>{};
    // Ollama's own form, which we do not write, is looked at below.
    if (std::ranges::none_of(messages, is_chat_result) || exchange.url.ends_with("/api/chat")) {
      continue;
    }
    const auto meaning = json::Document::parse(meaning_of_messages(messages));
    ASSERT_TRUE(meaning);
    const std::vector<Message> history = history_of(meaning->root(), read_message);

    const auto sent = json::Document::parse(
        openai_chat::write_request({.messages = history, .tools = {}}, {.model = "m"}));

    ASSERT_TRUE(sent);
    EXPECT_TRUE(
        same_json(meaning_of_messages(items_of(sent->root(), "messages")), meaning->root().raw()));
    ++requests;
    results += count_results(meaning->root());
  }
  EXPECT_EQ(requests, 58U);
  EXPECT_EQ(results, 79U);
}

// It has no ids and arguments that are objects: both are made what this wire takes.
TEST(OpenAiChatRecordedRequest, OfOllamasOwnFormIsSentWithIdsAndArgumentsAsText) {
  if (recorded_files("openai").empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t requests = 0;
  for (const RecordedExchange& exchange : recorded_exchanges("openai")) {
    if (!exchange.url.ends_with("/api/chat")) continue;
    SCOPED_TRACE(exchange.file);
    const auto messages = items_of(exchange.request_body.value(), "messages");
    const auto meaning = json::Document::parse(meaning_of_messages(messages));
    ASSERT_TRUE(meaning);
    const std::vector<Message> history = history_of(meaning->root(), read_message);
    const auto recorded = std::ranges::find(messages, std::string("assistant"),
                                            [](const View& one) { return text_of(one, "role"); });
    ASSERT_NE(recorded, messages.end());

    const auto sent = json::Document::parse(
        openai_chat::write_request({.messages = history, .tools = {}}, {.model = "m"}));

    ASSERT_TRUE(sent);
    const auto ours = items_of(sent->root(), "messages");
    const auto place = static_cast<std::size_t>(recorded - messages.begin());
    const View call = items_of(ours.at(place), "tool_calls").at(0);
    const View wanted = items_of(*recorded, "tool_calls").at(0);
    EXPECT_NE(text_of(call, "id"), "");
    EXPECT_EQ(text_of(call, "id"), text_of(ours.at(place + 1), "tool_call_id"));
    EXPECT_EQ(string_of(member(call, {"function", "name"})),
              string_of(member(wanted, {"function", "name"})));
    EXPECT_EQ(string_of(member(call, {"function", "arguments"})),
              member(wanted, {"function", "arguments"})->raw());
    EXPECT_EQ(text_of(ours.at(place + 1), "content"), text_of(messages.at(place + 1), "content"));
    ++requests;
  }
  EXPECT_EQ(requests, 1U);
}

TEST(OpenAiResponsesRecordedRequest, MeansTheSameAsTheOneThatWeSendForTheSameHistory) {
  if (recorded_files("openai").empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t requests = 0;
  std::size_t results = 0;
  std::size_t refused = 0;
  for (const RecordedExchange& exchange : recorded_exchanges("openai")) {
    SCOPED_TRACE(exchange.file);
    const auto items =
        exchange.request_body ? items_of(*exchange.request_body, "input") : std::vector<View>{};
    if (std::ranges::none_of(items, is_output)) continue;
    // It has a sound in an output, which the API refused; we only name it.
    if (exchange.status != 200) {
      ++refused;
      continue;
    }
    const auto meaning = json::Document::parse(meaning_of_items(items));
    ASSERT_TRUE(meaning);
    const std::vector<Message> history = history_of(meaning->root(), read_items);

    const auto sent = json::Document::parse(
        openai_responses::write_request({.messages = history, .tools = {}}, {.model = "m"}));

    ASSERT_TRUE(sent);
    EXPECT_TRUE(
        same_json(meaning_of_items(items_of(sent->root(), "input")), meaning->root().raw()));
    ++requests;
    results += count_results(meaning->root());
  }
  EXPECT_EQ(requests, 35U);
  EXPECT_EQ(results, 51U);
  EXPECT_EQ(refused, 1U);
}

}  // namespace
}  // namespace atonce::protocol
