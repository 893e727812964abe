// What the adapter makes of every recorded interaction, held against a second, plainer reading of
// the same bytes in this file.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/interactions.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::View;

bool is_stream(const RecordedExchange& exchange) { return exchange.body.starts_with("event:"); }

// What is in the end of a stream as well as in a unary answer.
void check_frame(const ModelTurn& turn, const View& interaction) {
  EXPECT_EQ(turn.wire, Wire::interactions);
  EXPECT_EQ(turn.response_id, text_of(interaction, "id"));
  EXPECT_EQ(turn.model, text_of(interaction, "model"));
  EXPECT_EQ(turn.finish, Finish::stop);
  EXPECT_EQ(turn.finish_detail, text_of(interaction, "status"));
  EXPECT_EQ(turn.calls.empty(), text_of(interaction, "status") == "completed");
  const View usage = interaction.find("usage").value();
  EXPECT_EQ(turn.usage.total_tokens, usage.find("total_tokens")->as_int64());
  EXPECT_EQ(turn.usage.input_tokens + turn.usage.output_tokens + turn.usage.thought_tokens,
            turn.usage.total_tokens);
}

TEST(InteractionsRecorded, EveryAnswerParsesIntoTheCallsTextAndStepsThatItHolds) {
  const auto all = recorded_exchanges("interactions");
  if (all.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t turns = 0;
  std::size_t calls = 0;
  for (const RecordedExchange& exchange : all) {
    if (is_stream(exchange)) continue;
    SCOPED_TRACE(exchange.file);
    ++turns;
    const auto document = json::Document::parse(exchange.body);
    ASSERT_TRUE(document);
    const auto turn = interactions::read_response(exchange.body);
    ASSERT_TRUE(turn) << turn.error().message;
    check_frame(*turn, document->root());
    EXPECT_EQ(turn->raw_content, document->root().find("steps")->raw());
    std::string text;
    for (const View& step : items_of(document->root(), "steps")) {
      for (const View& part : items_of(step, "content")) text += text_of(part, "text");
      if (text_of(step, "type") != "function_call") continue;
      ++calls;
      ASSERT_EQ(turn->calls.size(), 1U);
      EXPECT_EQ(turn->calls.front(), (call::Call{text_of(step, "id"), text_of(step, "name"),
                                                 std::string(step.find("arguments")->raw())}));
    }
    EXPECT_EQ(turn->text, text);
  }
  EXPECT_GE(turns, 3U);
  EXPECT_GE(calls, 1U);
}

// What the events say, step by step.
struct PlainStep {
  std::string type = {};
  std::string id = {};
  std::string name = {};
  std::string text = {};
  std::string arguments = {};
  std::string signature = {};
};

struct PlainStream {
  std::map<std::int64_t, PlainStep> steps;
  std::optional<json::Document> last;  // interaction.completed
};

PlainStream read_plainly(const std::string& body) {
  PlainStream read;
  std::size_t begin = 0;
  while (begin < body.size()) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    const std::string line = body.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with("data: {")) continue;
    auto event = json::Document::parse(line.substr(6));
    EXPECT_TRUE(event) << line;
    if (!event) continue;
    const std::string type = text_of(event->root(), "event_type");
    if (type == "step.start" || type == "step.delta") {
      PlainStep& step = read.steps[event->root().find("index")->as_int64().value()];
      const View piece = event->root().find(type == "step.start" ? "step" : "delta").value();
      if (type == "step.start") {
        step = {.type = text_of(piece, "type"),
                .id = text_of(piece, "id"),
                .name = text_of(piece, "name")};
      } else {
        step.text += text_of(piece, "text");
        step.arguments += text_of(piece, "arguments");
        step.signature += text_of(piece, "signature");
      }
    } else if (type == "interaction.completed") {
      read.last = *std::move(event);
    }
  }
  return read;
}

// The steps that a unary answer would hold for these events.
std::string unary_steps(const PlainStream& read) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& [at, step] : read.steps) {
    writer.begin_object().key("type").string(step.type);
    if (step.type == "thought") {
      writer.key("signature").string(step.signature);
    } else if (step.type == "function_call") {
      writer.key("id").string(step.id).key("name").string(step.name);
      writer.key("arguments").raw(step.arguments);
    } else {
      writer.key("content").begin_array().begin_object().key("type").string("text");
      writer.key("text").string(step.text).end_object().end_array();
    }
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

void check_stream(const RecordedExchange& exchange) {
  const PlainStream read = read_plainly(exchange.body);
  ASSERT_TRUE(read.last);
  const Streamed streamed = stream_in_every_split(interactions::make_stream_reader, exchange.body);
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  check_frame(*streamed.turn, read.last->root().find("interaction").value());
  EXPECT_TRUE(same_json(streamed.turn->raw_content, unary_steps(read)));
  std::string text;
  std::vector<call::Call> calls;
  for (const auto& [at, step] : read.steps) {
    text += step.text;
    if (step.type == "function_call") calls.push_back({step.id, step.name, step.arguments});
  }
  EXPECT_EQ(streamed.turn->text, text);
  EXPECT_EQ(streamed.told.text(), text);
  EXPECT_EQ(streamed.turn->calls, calls);
  EXPECT_EQ(streamed.told.calls, calls);
}

TEST(InteractionsRecorded, EveryStreamSaysTheSameInAnySplit) {
  const auto all = recorded_exchanges("interactions");
  if (all.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t streams = 0;
  std::size_t wire_texts = 0;
  for (const RecordedExchange& exchange : all) {
    if (!is_stream(exchange)) continue;
    SCOPED_TRACE(exchange.file);
    ++streams;
    wire_texts += exchange.is_wire_text ? 1 : 0;
    check_stream(exchange);
  }
  EXPECT_GE(streams, 4U);
  EXPECT_GE(wire_texts, 1U);
}

// No recording holds a request with results, so what was recorded as an answer is answered here.
TEST(InteractionsRecorded, EveryAnswerGoesBackWithItsStepsAndOneResultPerCall) {
  const auto all = recorded_exchanges("interactions");
  if (all.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t results = 0;
  for (const RecordedExchange& exchange : all) {
    if (is_stream(exchange)) continue;
    SCOPED_TRACE(exchange.file);
    const auto turn = interactions::read_response(exchange.body);
    ASSERT_TRUE(turn);
    FunctionResults answers;
    for (const call::Call& call : turn->calls) {
      answers.calls.push_back({.call = call, .outcome = call::Returned{R"({"c":4})"}});
    }
    const std::vector<Message> messages = {*turn, answers};

    const std::string sent =
        interactions::write_request({.messages = messages, .tools = {}}, {.model = "m"});

    std::string expected = turn->raw_content.substr(0, turn->raw_content.rfind(']'));
    for (const call::Call& call : turn->calls) {
      ++results;
      expected += R"(,{"type":"function_result","call_id":)" + json::quoted(call.id) +
                  R"(,"name":)" + json::quoted(call.name) +
                  R"(,"result":{"c":4},"is_error":false})";
    }
    const auto document = json::Document::parse(sent);
    ASSERT_TRUE(document);
    EXPECT_TRUE(same_json(document->root().find("input")->raw(), expected + "]"));
  }
  EXPECT_GE(results, 1U);
}

}  // namespace
}  // namespace atonce::protocol
