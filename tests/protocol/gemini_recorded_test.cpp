// What the adapter makes of every recorded generateContent exchange, held against a second, plainer
// reading of the same JSON in this file.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

using json::View;

std::optional<View> first_candidate(const View& response) {
  const auto candidates = response.find("candidates");
  if (!candidates || candidates->items().empty()) return std::nullopt;
  return candidates->items().front();
}

std::vector<View> parts_of(const View& content) {
  const auto parts = content.find("parts");
  return parts ? parts->items() : std::vector<View>{};
}

void check_parts(const ModelTurn& turn, const std::vector<View>& parts) {
  std::string text;
  std::size_t calls = 0;
  for (const View& part : parts) {
    const auto thought = part.find("thought");
    if (!thought || thought->raw() != "true") text += string_of(part.find("text"));
    const auto call = part.find("functionCall");
    if (!call) continue;
    ASSERT_LT(calls, turn.calls.size());
    const call::Call& read = turn.calls[calls++];
    EXPECT_EQ(read.name, string_of(call->find("name")));
    EXPECT_EQ(read.id, string_of(call->find("id")));
    const auto args = call->find("args");
    EXPECT_TRUE(same_json(read.arguments, args ? args->raw() : "{}"));
  }
  EXPECT_EQ(turn.calls.size(), calls);
  EXPECT_EQ(turn.text, text);
}

void check_finish(const ModelTurn& turn, const std::optional<View>& reason) {
  const std::string word(reason ? reason->raw() : "absent");
  if (word == "\"STOP\"" || word == "1") {
    EXPECT_EQ(turn.finish, Finish::stop) << word;
  } else if (word == "absent") {
    EXPECT_EQ(turn.finish, turn.raw_content.empty() ? Finish::other : Finish::stop);
  } else if (word == "\"SAFETY\"") {
    EXPECT_EQ(turn.finish, Finish::blocked);
  } else if (word == "\"UNEXPECTED_TOOL_CALL\"") {
    EXPECT_EQ(turn.finish, Finish::unexpected_call);
  } else if (word == "\"FAKE_NEW_FINISH_REASON\"") {
    EXPECT_EQ(turn.finish, Finish::other);
  } else {
    FAIL() << "the recordings hold a finish reason that this test does not know: " << word;
  }
}

void check_turn(const std::string& body, const View& response) {
  const auto turn = gemini::read_response(body);
  ASSERT_TRUE(turn) << turn.error().message;
  const auto candidate = first_candidate(response);
  const auto content = candidate ? candidate->find("content") : std::nullopt;
  const auto parts = content ? parts_of(*content) : std::vector<View>{};
  check_parts(*turn, parts);
  if (candidate) {
    check_finish(*turn, candidate->find("finishReason"));
    EXPECT_TRUE(turn->finish_detail.ends_with(string_of(candidate->find("finishMessage"))));
  } else {
    EXPECT_EQ(turn->finish, Finish::blocked);
  }
  EXPECT_EQ(turn->raw_content, parts.empty() ? "" : content->raw());
  EXPECT_EQ(turn->model, string_of(response.find("modelVersion")));
  const auto total = member(response, {"usageMetadata", "totalTokenCount"});
  EXPECT_EQ(turn->usage.total_tokens, total ? *total->as_int64() : 0);
}

void check_error(const std::string& body, const View& response, int status) {
  const Error error = gemini::read_error(status, body, "m");
  const std::string expected = "Gemini answered " + std::to_string(status) + " " +
                               string_of(member(response, {"error", "status"})) + ": ";
  EXPECT_TRUE(error.message.starts_with(expected)) << error.message;
  EXPECT_FALSE(error.message.contains('\n'));
  const std::string told = string_of(member(response, {"error", "message"})).substr(0, 20);
  EXPECT_TRUE(error.message.contains(told)) << error.message;
  EXPECT_EQ(gemini::read_retry_delay(body).has_value(), body.contains("retryDelay"));
  EXPECT_FALSE(gemini::read_response(body));
}

TEST(GeminiRecorded, EveryResponseParsesIntoTheCallsTextAndFinishThatItHolds) {
  const auto exchanges = recorded_exchanges("unary");
  if (exchanges.empty()) GTEST_SKIP() << kRecordedAbsent;
  std::size_t turns = 0;
  std::size_t errors = 0;
  std::size_t others = 0;
  for (const auto& exchange : exchanges) {
    SCOPED_TRACE(exchange.file);
    const auto document = json::Document::parse(exchange.body);
    ASSERT_TRUE(document) << document.error().message;
    const View response = document->root();
    if (response.find("candidates")) {
      ++turns;
      EXPECT_EQ(exchange.status, 200);
      check_turn(exchange.body, response);
    } else if (response.find("error")) {
      ++errors;
      check_error(exchange.body, response, exchange.status);
    } else {  // an answer of the image API, which is none of ours
      ++others;
      const auto turn = gemini::read_response(exchange.body);
      ASSERT_FALSE(turn);
      EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
    }
  }
  EXPECT_EQ(turns + errors + others, exchanges.size());
  EXPECT_GE(turns, 178U);
  EXPECT_GE(errors, 10U);
  EXPECT_LE(others, 1U);
}

}  // namespace
}  // namespace atonce::protocol
