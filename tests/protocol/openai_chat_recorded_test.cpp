// What the adapter makes of every recorded chat completion, unary and streamed, held against a
// second, plainer reading of the same JSON in this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/openai_chat.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using json::Kind;
using json::View;

// What the recording says, read plainly: no server in it is odd in more than ids and arguments.
struct Reading {
  std::string text = {};
  std::string reasoning = {};  // as DeepSeek and others send it
  std::vector<call::Call> calls = {};
  std::string finish = {};
  std::int64_t total_tokens = 0;
  std::string model = {};
  bool has_error = false;
};

void add_answer(Reading& reading, const View& answer, const char* where) {
  reading.has_error = reading.has_error || answer.find("error").has_value();
  if (const auto model = answer.find("model")) reading.model = string_of(model);
  if (const auto total = member(answer, {"usage", "total_tokens"})) {
    reading.total_tokens = *total->as_int64();
  }
  for (const View& choice : items_of(answer, "choices")) {
    if (choice.find("index") && choice.find("index")->raw() != "0") continue;
    const auto message = choice.find(where);
    if (const auto word = string_of(choice.find("finish_reason")); !word.empty()) {
      reading.finish = word;
    }
    if (!message) continue;
    reading.text += string_of(message->find("content"));
    reading.reasoning += string_of(message->find("reasoning_content"));
    if (const auto old = message->find("function_call"); old && old->is(Kind::object)) {
      reading.calls.push_back(
          {"", string_of(old->find("name")), string_of(old->find("arguments"))});
    }
    for (const View& call : items_of(*message, "tool_calls")) {
      const std::string id = string_of(call.find("id"));
      const std::string arguments = string_of(member(call, {"function", "arguments"}));
      if (std::string(where) == "message" || !id.empty()) {
        reading.calls.push_back({id, string_of(member(call, {"function", "name"})), arguments});
      } else {
        reading.calls.back().arguments += arguments;
      }
    }
  }
}

Reading read_unary(const View& answer) {
  Reading reading;
  add_answer(reading, answer, "message");
  return reading;
}

Reading read_events(const std::string& body) {
  Reading reading;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("data: {")) continue;
    const auto chunk = json::Document::parse(line.substr(6));
    EXPECT_TRUE(chunk) << line;
    if (chunk) add_answer(reading, chunk->root(), "delta");
  }
  return reading;
}

Finish finish_of(const std::string& word) {
  const std::map<std::string, Finish> known = {
      {"stop", Finish::stop},     {"tool_calls", Finish::stop},
      {"eos", Finish::stop},      {"function_call", Finish::stop},
      {"length", Finish::length}, {"", Finish::stop}};  // one server sends [DONE] and no reason
  EXPECT_TRUE(known.contains(word))
      << "the recordings hold a finish that this test does not know: " << word;
  return known.contains(word) ? known.at(word) : Finish::other;
}

void check_turn(const ModelTurn& turn, const Reading& reading) {
  EXPECT_EQ(turn.wire, Wire::openai_chat);
  EXPECT_EQ(turn.text, reading.text);
  EXPECT_EQ(turn.finish, finish_of(reading.finish));
  EXPECT_EQ(turn.finish_detail, reading.finish);
  EXPECT_EQ(turn.model, reading.model);
  EXPECT_EQ(turn.usage.total_tokens, reading.total_tokens);
  ASSERT_EQ(turn.calls.size(), reading.calls.size());
  for (std::size_t at = 0; at < turn.calls.size(); ++at) {
    const call::Call& wanted = reading.calls[at];
    EXPECT_EQ(turn.calls[at].id, wanted.id);
    EXPECT_EQ(turn.calls[at].name, wanted.name);
    EXPECT_EQ(turn.calls[at].arguments, wanted.arguments.empty() ? "{}" : wanted.arguments);
  }
}

// The message put together from a stream has the form of the unary one.
void check_message(const std::string& raw_content, const Reading& reading) {
  const auto document = json::Document::parse(raw_content);
  ASSERT_TRUE(document) << raw_content;
  const View message = document->root();
  EXPECT_EQ(string_of(message.find("role")), "assistant");
  EXPECT_EQ(string_of(message.find("content")), reading.text);
  EXPECT_EQ(string_of(message.find("reasoning_content")), reading.reasoning);
  const auto calls = items_of(message, "tool_calls");
  ASSERT_EQ(calls.size(), reading.calls.size());
  for (std::size_t at = 0; at < calls.size(); ++at) {
    EXPECT_EQ(string_of(calls[at].find("id")), reading.calls[at].id);
    EXPECT_EQ(string_of(calls[at].find("type")), "function");
    EXPECT_EQ(string_of(member(calls[at], {"function", "name"})), reading.calls[at].name);
    EXPECT_EQ(string_of(member(calls[at], {"function", "arguments"})), reading.calls[at].arguments);
  }
}

void check_unary(const std::string& body, const View& answer) {
  const auto turn = openai_chat::read_response(body);
  ASSERT_TRUE(turn) << turn.error().message;
  check_turn(*turn, read_unary(answer));
  EXPECT_EQ(turn->raw_content, items_of(answer, "choices").front().find("message")->raw());
}

void check_stream(const std::string& body) {
  const Reading reading = read_events(body);
  const Streamed streamed = stream_in_every_split(openai_chat::make_stream_reader, body);
  EXPECT_EQ(streamed.told.text(), reading.text);
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  if (reading.has_error) {  // one server found its model's call malformed
    EXPECT_EQ(streamed.turn->finish, Finish::malformed_call);
    EXPECT_EQ(streamed.turn->text, reading.text);
    return;
  }
  check_turn(*streamed.turn, reading);
  check_message(streamed.turn->raw_content, reading);
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, streamed.turn->calls));
}

// Ollama's own form: no choices, and counts of its own.
void check_native(const std::string& body, const View& answer) {
  const auto turn = openai_chat::read_response(body);
  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, string_of(member(answer, {"message", "content"})));
  EXPECT_EQ(turn->raw_content, answer.find("message")->raw());
  EXPECT_EQ(turn->finish, Finish::stop);
  EXPECT_EQ(turn->usage.output_tokens, answer.find("eval_count")->as_int64());
}

TEST(OpenAiChatRecorded, EveryAnswerParsesIntoTheCallsTextAndFinishThatItHolds) {
  const auto exchanges = recorded_exchanges("openai");
  if (exchanges.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t unary = 0;
  std::size_t streams = 0;
  std::size_t native = 0;
  std::size_t of_responses = 0;  // looked at by that wire's test
  std::size_t calls = 0;
  for (const auto& exchange : exchanges) {
    SCOPED_TRACE(exchange.file);
    const std::string& body = exchange.body;
    const auto document = json::Document::parse(body);
    if (exchange.url.ends_with("/responses")) {
      ++of_responses;
    } else if (!document) {
      ++streams;
      check_stream(body);
      calls += read_events(body).calls.size();
    } else if (document->root().find("choices")) {
      ++unary;
      check_unary(body, document->root());
      calls += read_unary(document->root()).calls.size();
    } else {
      ++native;
      check_native(body, document->root());
    }
  }
  EXPECT_EQ(unary + streams + native + of_responses, exchanges.size());
  EXPECT_EQ(unary, 127U);
  EXPECT_EQ(streams, 43U);
  EXPECT_EQ(native, 1U);
  EXPECT_GE(calls, 118U);
}

}  // namespace
}  // namespace atonce::protocol
