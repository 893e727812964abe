// Golden cases are files: tests/protocol/cases/gemini/*.json, each with a title and one of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   error_status + body | body_text (+ model)   a refusal; `expect` is {code, message, hint,
//   retry_ms}
//   messages ...   what is asked, as golden_request.h reads it, and `model`; options are {stream,
//   is_vertex}; {"model": content} may have a continuation_token beside it
#include "protocol/gemini.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/golden_request.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

using golden::flag_of;
using golden::items_of;
using golden::text_of;
using json::View;

void check_response(const View& test, const View& expected) {
  const auto response = test.find("response");
  const auto turn = gemini::read_response(
      response ? response->raw() : test.find("response_text")->as_string().value());
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(turn);
    return golden::check_error(turn.error(), *error);
  }
  ASSERT_TRUE(turn) << turn.error().message;
  golden::check_turn(*turn, expected);
  EXPECT_EQ(turn->model, text_of(expected, "model"));
  if (const auto content = expected.find("content")) {
    EXPECT_TRUE(same_json(turn->raw_content, content->raw()));
  } else if (response && response->is(json::Kind::object)) {
    // Whatever the case is about, a content with parts is kept byte for byte.
    const auto candidates = items_of(*response, "candidates");
    const auto content_of = candidates.empty() ? std::nullopt : candidates.front().find("content");
    const bool has_parts =
        content_of && content_of->find("parts") && !content_of->find("parts")->items().empty();
    EXPECT_EQ(turn->raw_content, has_parts ? content_of->raw() : "");
  }
}

void check_refusal(const View& test, const View& expected) {
  const auto body = test.find("body");
  const std::string text(body ? body->raw() : test.find("body_text")->as_string().value());

  const auto status = static_cast<int>(test.find("error_status")->as_int64().value());
  golden::check_error(gemini::read_error(status, text, text_of(test, "model")), expected);
  const auto delay = gemini::read_retry_delay(text);
  const auto wanted = expected.find("retry_ms");
  ASSERT_EQ(delay.has_value(), wanted.has_value());
  if (delay) {
    EXPECT_EQ(delay->count(), wanted->as_int64());
  }
}

golden::RequestCases request_cases() {
  return {.wire = Wire::gemini,
          .dialect = call::Dialect::gemini,
          .read_model =
              [](const View& message) {
                auto turn =
                    gemini::read_response(R"({"candidates":[{"finishReason":"STOP","content":)" +
                                          std::string(message.find("model")->raw()) + "}]}");
                EXPECT_TRUE(turn);
                turn->continuation_token = text_of(message, "continuation_token");
                return *std::move(turn);
              },
          .write =
              [](const ModelRequest& request, const View& test) {
                return gemini::write_request(
                    request, {.model = text_of(test, "model"),
                              .stream = flag_of(test, "stream").value_or(false),
                              .is_vertex = flag_of(test, "is_vertex").value_or(false)});
              }};
}

TEST(GeminiAdapter, DoesWhatEveryGoldenCaseSays) {
  const golden::RequestCases requests = request_cases();
  golden::for_each_case("gemini", 75, [&](const View& test, const View& expected) {
    if (test.find("messages")) {
      golden::check_request(requests, test, expected);
    } else if (test.find("error_status")) {
      check_refusal(test, expected);
    } else {
      check_response(test, expected);
    }
  });
}

TEST(GeminiAdapter, EchoesTheModelsContentByteForByte) {
  const std::string content =
      R"({ "parts": [ {"functionCall": {"name":"f", "args": {"a": 3.0, "b":12345678901234567890}},)"
      R"( "thoughtSignature":"c2ln" }, {"somethingNew":{"x":[1, 2]}} ], "role" : "model"})";
  const auto turn = gemini::read_response(R"({"candidates":[{"content":)" + content + "}]}");
  ASSERT_TRUE(turn);
  const std::vector<Message> messages = {*turn};

  const std::string body = gemini::write_request({.messages = messages, .tools = {}});

  EXPECT_EQ(body, R"({"contents":[)" + content + "]}");
}

ModelTurn turn_of(const std::string& body) {
  auto turn = gemini::read_response(body);
  EXPECT_TRUE(turn);
  return *std::move(turn);
}

TEST(GeminiAdapter, PutsTheRestOfAnAnswerAfterItsBeginning) {
  ModelTurn turn =
      turn_of(R"({"candidates":[{"content":{"role":"model","parts":[{"text":"One, "}]},)"
              R"("finishReason":"CONTINUATION","continuationToken":"dG9r"}],)"
              R"("usageMetadata":{"totalTokenCount":5}})");
  ASSERT_EQ(turn.continuation_token, "dG9r");

  gemini::append_rest(turn,
                      turn_of(R"({"candidates":[{"content":{"parts":[{"text":"two."},)"
                              R"({"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]},)"
                              R"("finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":7}})"));

  EXPECT_EQ(turn.raw_content, R"({"role":"model","parts":[{"text":"One, "},{"text":"two."},)"
                              R"({"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]})");
  EXPECT_EQ(turn.text, "One, two.");
  EXPECT_EQ(turn.calls, (std::vector<call::Call>{{"", "f", "{}"}}));
  EXPECT_EQ(turn.finish, Finish::stop);
  EXPECT_EQ(turn.usage.total_tokens, 12);
  EXPECT_EQ(turn.continuation_token, "");
}

TEST(GeminiAdapter, KeepsTheBeginningWhenTheRestSaysNothing) {
  const std::string content = R"({"parts":[{"text":"One."}]})";
  ModelTurn turn = turn_of(R"({"candidates":[{"content":)" + content +
                           R"(,"finishReason":"CONTINUATION","continuationToken":"dG9r"}]})");

  gemini::append_rest(turn, turn_of(R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})"));

  EXPECT_EQ(turn.raw_content, content);
  EXPECT_EQ(turn.finish, Finish::length);
  EXPECT_EQ(turn.finish_detail, "MAX_TOKENS");
}

TEST(GeminiAdapter, EchoesNoContentOfAnotherWire) {
  ModelTurn turn = turn_of(R"({"candidates":[{"content":{"parts":[{"text":"a","x":1}]}}]})");
  turn.wire = Wire::interactions;
  const std::vector<Message> messages = {turn};

  const std::string body = gemini::write_request({.messages = messages, .tools = {}});

  EXPECT_EQ(body, R"({"contents":[{"role":"model","parts":[{"text":"a"}]}]})");
}

TEST(GeminiAdapter, SendsImagesBesideResultsToModelsThatTakeThemThere) {
  const std::vector<Message> messages = {FunctionResults{
      {{{"", "f", "{}"}, call::Returned{R"({"media_type":"image/png","data":"aGk="})"}}}}};
  for (const auto& [model, is_beside] :
       std::vector<std::pair<std::string, bool>>{{"gemini-3-flash-preview", true},
                                                 {"gemini-3.8-flash", true},
                                                 {"models/gemini-10-pro", true},
                                                 {"gemini-flash-latest", true},
                                                 {"gemini-2.5-flash", false},
                                                 {"gemini-2.0-flash-latest", false},
                                                 {"gemini-", false},
                                                 {"gemma-4", false},
                                                 {"", false}}) {
    const std::string body =
        gemini::write_request({.messages = messages, .tools = {}}, {.model = std::string(model)});

    EXPECT_TRUE(body.contains("inlineData")) << model;
    EXPECT_EQ(body.contains("displayName"), is_beside) << model;
  }
}

TEST(GeminiAdapter, SaysSoWhenTheAnswerIsCutOffAtAnyByte) {
  const std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"hello"}]},"finishReason":"STOP"}]})";
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto turn = gemini::read_response(std::string_view(body).substr(0, length));

    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

}  // namespace
}  // namespace atonce::protocol
