// What the streaming reader makes of every recorded streamGenerateContent exchange, held against a
// second, plainer reading of the same bytes in this file.
#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using json::View;

// The responses of a whole body as one JSON array: what Google sends needs no more than this.
std::string array_of(const std::string& body) {
  if (body.starts_with('[')) return body;
  if (body.starts_with('{')) return "[" + body + "]";
  std::string array = "[";
  for (std::size_t at = body.find("data:"); at != std::string::npos;) {
    const std::size_t next = body.find("\ndata:", at);
    if (array.size() > 1) array += ",";
    array += body.substr(at + 5, next == std::string::npos ? next : next - at - 5);
    at = next == std::string::npos ? next : next + 1;
  }
  return array + "]";
}

// What a body says, read plainly.
struct Plain {
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> calls = {};  // name and arguments
  std::vector<std::string> ids = {};
  std::vector<std::string> signatures = {};
  std::vector<std::string> echoed = {};  // the parts, but for those of calls that came in pieces
  std::string finish = {};
  std::string model = {};
  std::string response_id = {};
  std::string total_tokens = "0";
  std::size_t partial_calls = 0;
};

// A call in pieces: the recordings only have strings at the top ("$.location").
void add_partial(Plain& plain, const View& call) {
  if (const std::string name = string_of(call.find("name")); !name.empty()) {
    plain.calls.emplace_back(name, "{}");
    plain.ids.emplace_back();
    ++plain.partial_calls;
  }
  const auto pieces = call.find("partialArgs");
  for (const View& piece : pieces ? pieces->items() : std::vector<View>{}) {
    const std::string key = string_of(piece.find("jsonPath")).substr(2);
    std::string& arguments = plain.calls.back().second;
    const auto so_far = json::Document::parse(arguments);
    const std::string value =
        string_of(so_far->root().find(key)) + string_of(piece.find("stringValue"));
    arguments = "{" + json::quoted(key) + ":" + json::quoted(value) + "}";
  }
}

void add_part(Plain& plain, const View& part, bool& is_open) {
  const auto signature = part.find("thoughtSignature");
  if (signature) plain.signatures.emplace_back(*signature->as_string());
  const auto thought = part.find("thought");
  if (!thought || thought->raw() != "true") plain.text += string_of(part.find("text"));
  const auto call = part.find("functionCall");
  if (call && (is_open || call->find("willContinue"))) {
    add_partial(plain, *call);
    is_open = call->find("willContinue").has_value();
    return;
  }
  plain.echoed.emplace_back(part.raw());
  if (!call) return;
  const auto args = call->find("args");
  plain.calls.emplace_back(string_of(call->find("name")), args ? args->raw() : "{}");
  plain.ids.push_back(string_of(call->find("id")));
}

Plain read_plainly(const View& responses) {
  Plain plain;
  bool is_open = false;
  for (const View& response : responses.items()) {
    const auto candidates = response.find("candidates");
    if (const auto model = response.find("modelVersion")) plain.model = string_of(model);
    if (const auto id = response.find("responseId")) plain.response_id = string_of(id);
    const auto total = member(response, {"usageMetadata", "totalTokenCount"});
    if (total) plain.total_tokens = total->raw();
    if (!candidates) continue;
    const View candidate = candidates->items().front();
    if (const auto finish = candidate.find("finishReason")) plain.finish = string_of(finish);
    const auto parts = member(candidate, {"content", "parts"});
    for (const View& part : parts ? parts->items() : std::vector<View>{}) {
      add_part(plain, part, is_open);
    }
  }
  return plain;
}

void check_content(const ModelTurn& turn, const Plain& plain) {
  if (plain.echoed.empty() && plain.partial_calls == 0) {
    EXPECT_EQ(turn.raw_content, "");
    return;
  }
  const auto content = json::Document::parse(turn.raw_content);
  ASSERT_TRUE(content);
  std::vector<std::string> signatures;
  std::vector<std::string> texts;
  for (const View& part : content->root().find("parts")->items()) {
    texts.emplace_back(part.raw());
    if (const auto signature = part.find("thoughtSignature")) {
      signatures.emplace_back(*signature->as_string());
    }
  }
  EXPECT_EQ(signatures, plain.signatures);
  EXPECT_EQ(texts.size(), plain.echoed.size() + plain.partial_calls);
  if (plain.partial_calls == 0) {
    EXPECT_EQ(texts, plain.echoed) << "parts are echoed as they came";
  }
}

void check_turn(const Streamed& streamed, const Plain& plain) {
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  const ModelTurn& turn = *streamed.turn;
  EXPECT_EQ(turn.wire, Wire::gemini);
  EXPECT_EQ(turn.text, plain.text);
  EXPECT_EQ(streamed.told.text(), plain.text);
  ASSERT_EQ(turn.calls.size(), plain.calls.size());
  for (std::size_t at = 0; at < plain.calls.size(); ++at) {
    EXPECT_EQ(turn.calls[at].name, plain.calls[at].first);
    EXPECT_EQ(turn.calls[at].id, plain.ids[at]);
    EXPECT_TRUE(same_json(turn.calls[at].arguments, plain.calls[at].second));
  }
  EXPECT_EQ(streamed.told.calls, turn.calls) << "each call is told once, in order";
  EXPECT_EQ(turn.finish, plain.finish == "STOP" ? Finish::stop : Finish::other) << plain.finish;
  EXPECT_EQ(turn.model, plain.model);
  EXPECT_EQ(turn.response_id, plain.response_id);
  EXPECT_EQ(std::to_string(turn.usage.total_tokens), plain.total_tokens);
  check_content(turn, plain);
}

void check_error(const Streamed& streamed, const View& error) {
  ASSERT_FALSE(streamed.turn);
  const std::string expected = "Gemini answered " + std::string(error.find("code")->raw()) + " " +
                               string_of(error.find("status")) + ": " +
                               string_of(error.find("message")).substr(0, 20);
  EXPECT_TRUE(streamed.turn.error().message.starts_with(expected)) << streamed.turn.error().message;
}

struct Count {
  std::size_t turns = 0;
  std::size_t errors = 0;
  std::size_t arrays = 0;
  std::size_t split = 0;
  std::size_t calls = 0;
  std::size_t partial_calls = 0;
  std::size_t signatures = 0;
};

void check_exchange(const RecordedExchange& exchange, Count& count) {
  const std::string& body = exchange.body;
  const auto responses = json::Document::parse(array_of(body));
  ASSERT_TRUE(responses) << responses.error().message;
  const View root = responses->root();
  count.arrays += body.starts_with('[') ? 1U : 0U;
  count.split += exchange.is_wire_text ? 1U : 0U;
  const Streamed streamed =
      exchange.is_wire_text ? stream_in_every_split(gemini::make_stream_reader, body)
                            : stream(gemini::make_stream_reader, body, [&] { return body.size(); });
  if (const auto error = root.items().front().find("error")) {
    ++count.errors;
    return check_error(streamed, *error);
  }
  const Plain plain = read_plainly(root);
  check_turn(streamed, plain);
  ++count.turns;
  count.calls += plain.calls.size();
  count.partial_calls += plain.partial_calls;
  count.signatures += plain.signatures.size();
}

TEST(GeminiStreamRecorded, EveryStreamSaysWhatItHoldsHoweverItIsSplit) {
  const auto exchanges = recorded_exchanges("streaming");
  if (exchanges.empty()) GTEST_SKIP() << kRecordedAbsent;
  Count count;
  for (const auto& exchange : exchanges) {
    SCOPED_TRACE(exchange.file);
    check_exchange(exchange, count);
  }
  EXPECT_EQ(count.turns + count.errors, exchanges.size());
  EXPECT_GE(count.turns, 61U);
  EXPECT_GE(count.errors, 2U);
  EXPECT_GE(count.arrays, 2U);
  EXPECT_GE(count.split, 25U);
  EXPECT_GE(count.calls, 58U);
  EXPECT_GE(count.partial_calls, 2U);
  EXPECT_GE(count.signatures, 22U);
}

}  // namespace
}  // namespace atonce::protocol
