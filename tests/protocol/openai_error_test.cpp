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
