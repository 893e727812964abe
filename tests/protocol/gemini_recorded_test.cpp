// What the adapter makes of every recorded generateContent exchange, held against a second, plainer
// reading of the same JSON in this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

using json::Kind;
using json::View;

constexpr char kAbsent[] =
    "the recorded exchanges are not here (../shared/data, or ATONCE_SHARED_DATA)";

std::optional<View> member(const View& view, std::initializer_list<const char*> path) {
  std::optional<View> at = view;
  for (const char* key : path) {
    if (at) at = at->find(key);
  }
  return at;
}

std::optional<View> either(const View& view, const char* one, const char* other) {
  const auto found = view.find(one);
  return found ? found : view.find(other);
}

std::string string_of(const std::optional<View>& view) {
  return view && view->as_string() ? std::string(*view->as_string()) : "";
}

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
  const auto files = recorded_files("unary");
  if (files.empty()) GTEST_SKIP() << kAbsent;
  std::size_t turns = 0;
  std::size_t errors = 0;
  std::size_t others = 0;
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    const std::string text = read_all(file);
    const auto exchange = json::Document::parse(text);
    ASSERT_TRUE(exchange) << exchange.error().message;
    const auto status =
        static_cast<int>(member(exchange->root(), {"response", "status"})->as_int64().value());
    const std::string body = string_of(member(exchange->root(), {"response", "body"}));
    const auto document = json::Document::parse(body);
    ASSERT_TRUE(document) << document.error().message;
    const View response = document->root();
    if (response.find("candidates")) {
      ++turns;
      EXPECT_EQ(status, 200);
      check_turn(body, response);
    } else if (response.find("error")) {
      ++errors;
      check_error(body, response, status);
    } else {  // an answer of the image API, which is none of ours
      ++others;
      const auto turn = gemini::read_response(body);
      ASSERT_FALSE(turn);
      EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
    }
  }
  EXPECT_EQ(turns + errors + others, files.size());
  EXPECT_GE(turns, 178U);
  EXPECT_GE(errors, 10U);
  EXPECT_LE(others, 1U);
}

bool has_results(const View& content) {
  return std::ranges::any_of(parts_of(content), [](const View& part) {
    return either(part, "functionResponse", "function_response").has_value();
  });
}

// Adds the results of a content to those already there: some clients sent one content each.
void add_results(std::vector<Message>& messages, const View& content) {
  if (messages.empty() || !std::holds_alternative<FunctionResults>(messages.back())) {
    messages.emplace_back(FunctionResults{});
  }
  for (const View& part : parts_of(content)) {
    const auto result = either(part, "functionResponse", "function_response");
    std::get<FunctionResults>(messages.back())
        .calls.push_back({{"engine's own", string_of(result->find("name")), "{}"},
                          call::Returned{std::string(result->find("response")->raw())}});
  }
}

std::vector<Message> read_history(const View& contents) {
  std::vector<Message> messages;
  for (const View& content : contents.items()) {
    if (has_results(content)) {
      add_results(messages, content);
    } else if (string_of(content.find("role")) == "model") {
      auto turn = gemini::read_response(R"({"candidates":[{"content":)" +
                                        std::string(content.raw()) + "}]}");
      EXPECT_TRUE(turn);
      messages.emplace_back(*std::move(turn));
    } else {
      messages.emplace_back(UserText{"a question"});
    }
  }
  return messages;
}

// The model's contents must be there verbatim, and each result once, in order, with its id.
void check_contents(const View& recorded, const View& sent) {
  std::vector<View> wanted_turns;
  std::vector<View> wanted_results;
  for (const View& content : recorded.items()) {
    if (string_of(content.find("role")) == "model") wanted_turns.push_back(content);
    if (!has_results(content)) continue;
    for (const View& part : parts_of(content)) {
      wanted_results.push_back(*either(part, "functionResponse", "function_response"));
    }
  }
  std::size_t turns = 0;
  std::size_t results = 0;
  for (const View& content : sent.items()) {
    if (string_of(content.find("role")) == "model") {
      ASSERT_LT(turns, wanted_turns.size());
      EXPECT_EQ(content.raw(), wanted_turns[turns++].raw());
    }
    for (const View& part : parts_of(content)) {
      const auto result = part.find("functionResponse");
      if (!result) continue;
      ASSERT_LT(results, wanted_results.size());
      const View& wanted = wanted_results[results++];
      EXPECT_EQ(string_of(result->find("name")), string_of(wanted.find("name")));
      EXPECT_EQ(string_of(result->find("id")), string_of(wanted.find("id")));
      EXPECT_TRUE(same_json(member(*result, {"response", "output"})->raw(),
                            wanted.find("response")->raw()));
    }
  }
  EXPECT_EQ(turns, wanted_turns.size());
  EXPECT_EQ(results, wanted_results.size());
}

TEST(GeminiRecorded, TheSameHistoryIsSentWithTheSameModelContentsAndOneResultPerCall) {
  auto files = recorded_files("unary");
  std::ranges::move(recorded_files("streaming"), std::back_inserter(files));
  if (files.empty()) GTEST_SKIP() << kAbsent;
  std::size_t with_results = 0;
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    const std::string text = read_all(file);
    const auto exchange = json::Document::parse(text);
    ASSERT_TRUE(exchange) << exchange.error().message;
    const auto contents = member(exchange->root(), {"request", "body", "contents"});
    if (!contents || std::ranges::none_of(contents->items(), has_results)) continue;
    ++with_results;
    const std::vector<Message> messages = read_history(*contents);

    const std::string body = gemini::write_request({.messages = messages, .tools = {}});

    const auto sent = json::Document::parse(body);
    ASSERT_TRUE(sent) << sent.error().message;
    check_contents(*contents, *sent->root().find("contents"));
  }
  EXPECT_GE(with_results, 87U);
}

}  // namespace
}  // namespace atonce::protocol
