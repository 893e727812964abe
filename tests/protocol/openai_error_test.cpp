// Golden cases are files: tests/protocol/cases/openai_error/*.json, each with a title and one of
//   status + body | body_text (+ model)   a refusal
//   reported                              an object that came in a 200 answer or in a stream
//   expect                                {code, message, hint, retry_ms}
#include "protocol/openai_error.h"

#include <gtest/gtest.h>

#include "protocol/golden.h"

namespace atonce::protocol {
namespace {

using golden::text_of;
using json::View;

void check(const View& test, const View& expected) {
  if (const auto reported = test.find("reported")) {
    EXPECT_TRUE(openai::is_error(*reported));
    golden::check_error(openai::read_reported_error(*reported), expected);
    return;
  }
  const auto body = test.find("body");
  const std::string text(body ? body->raw() : test.find("body_text")->as_string().value());
  const auto status = static_cast<int>(test.find("status")->as_int64().value());
  golden::check_error(openai::read_error(status, text, text_of(test, "model")), expected);
  const auto delay = openai::read_retry_delay(text);
  const auto wanted = expected.find("retry_ms");
  ASSERT_EQ(delay.has_value(), wanted.has_value());
  if (delay) {
    EXPECT_EQ(delay->count(), wanted->as_int64());
  }
}

TEST(OpenAiError, IsToldAsEveryGoldenCaseSays) { golden::for_each_case("openai_error", 33, check); }

TEST(OpenAiError, IsAboutWhatItsParameterOrItsMessageNames) {
  EXPECT_TRUE(openai::blames(R"({"error":{"message":"no","param":"include"}})", {"x", "include"}));
  EXPECT_TRUE(openai::blames(R"({"error":{"message":"Unknown name \"a_b\""}})", {"a_b"}));
  EXPECT_TRUE(openai::blames(R"({"detail":[{"loc":["body","a_b"],"msg":"extra"}]})", {"a_b"}));
  EXPECT_FALSE(openai::blames(R"({"error":{"message":"no","param":"input"}})", {"include"}));
  EXPECT_FALSE(openai::blames("<html>a_b", {"a_b"}));
}

TEST(OpenAiError, OfACallThatTheServerFoundMalformedIsATurn) {
  const std::string body = R"x({"error":{"message":"Failed.","code":"tool_use_failed",
      "failed_generation":"f(\n1)"}})x";

  const auto turn = openai::read_failed_call(400, body);

  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->finish, Finish::malformed_call);
  EXPECT_EQ(turn->finish_detail, "tool_use_failed: f( 1)");
  EXPECT_FALSE(openai::read_failed_call(429, body));
  EXPECT_FALSE(openai::read_failed_call(400, R"({"error":{"code":"invalid_api_key"}})"));
  EXPECT_FALSE(openai::read_failed_call(400, "<html>"));
}

TEST(OpenAiError, OfServersThatSay500ToTheirModelsMalformedCallIsATurn) {
  for (const char* body :
       {R"({"error":{"message":"error parsing tool call: raw='{', err=x","type":"api_error"}})",
        R"({"error":"error parsing tool call: raw='{', err=x"})",
        R"({"error":{"code":500,"message":"Failed to parse tool call arguments as JSON: x",)"
        R"("type":"server_error"}})"}) {
    const auto turn = openai::read_failed_call(500, body);

    ASSERT_TRUE(turn) << body;
    EXPECT_EQ(turn->finish, Finish::malformed_call);
    EXPECT_TRUE(turn->finish_detail.contains("tool call")) << turn->finish_detail;
    EXPECT_EQ(openai::read_error(500, body, "").code, ErrorCode::refused) << "is not retried";
  }
}

TEST(OpenAiError, IsNotSeenInAnAnswerThatHasNone) {
  for (const char* text : {R"({"choices":[]})", R"({"error":null})", R"({"error":""})",
                           R"({"type":"response.created"})", "[]", "3"}) {
    const auto document = json::Document::parse(text);
    ASSERT_TRUE(document);
    EXPECT_FALSE(openai::is_error(document->root())) << text;
  }
}

}  // namespace
}  // namespace atonce::protocol
