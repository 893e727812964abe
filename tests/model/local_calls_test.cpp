#include "model/local_calls.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace atonce::model {
namespace {

std::vector<call::Call> calls_of(std::string_view block) {
  auto calls = read_call_block(block);
  EXPECT_TRUE(calls) << block << ": " << calls.error().message;
  return calls ? std::move(*calls) : std::vector<call::Call>{};
}

// The JSON of the value that `literal` is read as.
std::string read_literal(const std::string& literal) {
  const auto calls = read_call_block("f(x=" + literal + ")");
  if (!calls) return "refused";
  constexpr std::string_view kOpening = R"({"x":)";
  const std::string& arguments = calls->front().arguments;
  return arguments.substr(kOpening.size(), arguments.size() - kOpening.size() - 1);
}

std::string fault_of(std::string_view block) {
  const auto calls = read_call_block(block);
  if (calls) return "accepted";
  EXPECT_EQ(calls.error().code, ErrorCode::bad_response);
  return calls.error().message;
}

TEST(CallBlock, ReadsCallsOneALine) {
  const auto calls = calls_of("get_temperature(city=\"Oslo\", unit='celsius')\nnow()\n```");

  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0], (call::Call{.id = "",
                                  .name = "get_temperature",
                                  .arguments = R"({"city":"Oslo","unit":"celsius"})"}));
  EXPECT_EQ(calls[1], (call::Call{.id = "", .name = "now", .arguments = "{}"}));
}

TEST(CallBlock, ReadsFencesBlankLinesCommentsAndBrokenLines) {
  const auto calls = calls_of(
      "\n```python\n# first\nadd(\n    a=1,  # one\n    b=2,\n)\n\nnow( )\n```\nThat is all.");

  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].arguments, R"({"a":1,"b":2})");
  EXPECT_EQ(calls[1].name, "now");
}

TEST(CallBlock, ReadsNothingAsNoCalls) {
  EXPECT_TRUE(calls_of("").empty());
  EXPECT_TRUE(calls_of("```python\n# none\n```").empty());
}

TEST(CallBlock, ReadsEveryLiteral) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"True", "true"},
      {"False", "false"},
      {"None", "null"},
      {"true", "true"},
      {"null", "null"},
      {"0", "0"},
      {"-7", "-7"},
      {"+7", "7"},
      {"1_000", "1000"},
      {"3.0", "3.0"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"5.", "5.0"},
      {"1e3", "1e3"},
      {"2.5E-3", "2.5E-3"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"[]", "[]"},
      {"[1, 'a', None,]", R"([1,"a",null])"},
      {"(1, 2)", "[1,2]"},
      {"(1,)", "[1]"},
      {"{}", "{}"},
      {"{'a': 1, \"b\": [True]}", R"({"a":1,"b":[true]})"},
      {"''", R"("")"},
      {"'it\\'s'", R"("it's")"},
      {"\"say \\\"hi\\\"\"", R"("say \"hi\"")"},
      {"'one ' \"two\"", R"("one two")"},
      {"\"\"\"long\"\"\"", R"("long")"},
      {"'a#b(c)'", "\"a#b(c)\""},
      {"'\xC3\xA9'", "\"\xC3\xA9\""},
  };
  for (const auto& [literal, json] : cases) EXPECT_EQ(read_literal(literal), json) << literal;
}

TEST(CallBlock, ReadsEveryEscape) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(\n)", R"(\n)"},
      {R"(\t\r\b\f)", R"(\t\r\b\f)"},
      {R"(\a\v\0)", R"(\u0007\u000B\u0000)"},
      {R"(\\)", R"(\\)"},
      {R"(\/)", "/"},
      {R"(\x41)", "A"},
      {R"(\u00e9)", "\xC3\xA9"},
      {R"(\u20ac)", "\xE2\x82\xAC"},
      {R"(\U0001F600)", "\xF0\x9F\x98\x80"},
      {R"(\ud83d\ude00)", "\xF0\x9F\x98\x80"},
      {R"(\d)", R"(\\d)"},
      {"a\\\nb", "ab"},
      {R"(\ud83d)", "\xEF\xBF\xBD"},
      {R"(\ude00)", "\xEF\xBF\xBD"},
      {R"(\U00110000)", "\xEF\xBF\xBD"},
  };
  for (const auto& [inside, json] : cases) {
    EXPECT_EQ(read_literal('"' + inside + '"'), '"' + json + '"') << inside;
  }
}

TEST(CallBlock, SaysWhatWasExpectedAndWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"f", "expected '(' at byte 1 of `f`"},
      {"(x=1)", "expected a function's name at byte 0"},
      {"f(1)", "expected key=value at byte 3"},
      {"f(x)", "expected key=value at byte 3"},
      {"f(x=)", "expected a value at byte 4"},
      {"f(x=y)", "expected a value at byte 4"},
      {"f(x=f(y=1))", "expected a value at byte 4"},
      {"f(x=1", "expected ',' or ')' at byte 5"},
      {"f(x=1 y=2)", "expected ',' or ')' at byte 6"},
      {"f(x=[1", "expected ',' or a closing bracket at byte 6"},
      {"f(x=[1)", "expected ',' or a closing bracket at byte 6"},
      {"f(x={1: 2})", "expected a string at byte 5"},
      {"f(x={'a' 2})", "expected ':' at byte 9"},
      {"f(x='a", "expected a closing quote at byte 6"},
      {"f(x='a\\", "expected an escape at byte 7"},
      {"f(x='\\x4')", "expected hexadecimal digits at byte 7"},
      {"f(x=1.2.3)", "expected a number at byte 4"},
      {"f(x=007)", "expected a number at byte 4"},
      {"f(x=--1)", "expected a number at byte 4"},
      {"f(x=5j)", "expected ',' or ')' at byte 5"},
      {"I cannot help with that.", "expected '(' at byte 2"},
  };
  for (const auto& [block, message] : cases) {
    EXPECT_NE(fault_of(block).find(message), std::string::npos) << fault_of(block);
  }
}

TEST(CallBlock, RefusesNestingThatIsTooDeepWithoutRunningOutOfStack) {
  const auto nested = [](std::size_t depth) {
    return "f(x=" + std::string(depth, '[') + std::string(depth, ']') + ")";
  };

  EXPECT_EQ(calls_of(nested(64)).size(), 1U);
  EXPECT_NE(fault_of(nested(66)).find("no deeper nesting"), std::string::npos);
  EXPECT_NE(fault_of("f(x=" + std::string(1'000'000, '[')).find("no deeper nesting"),
            std::string::npos);
}

TEST(CallBlock, ReadsNamesAndTextsThatAreNotUtf8AsValidJson) {
  const auto calls = calls_of("f(\xFF=\"a\xFFz\")");

  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].arguments, "{\"\xEF\xBF\xBD\":\"a\xEF\xBF\xBDz\"}");
}

TEST(CallBlock, ReadsEveryBeginningOfABlockAsAValueOrAnError) {
  const std::string block =
      "```python\nf(a=\"x\\u00e9\", b=[1, {'k': (True, None)}], c=-2.5e3)  # done\n```";
  for (std::size_t length = 0; length <= block.size(); ++length) {
    const auto calls = read_call_block(block.substr(0, length));

    if (calls && !calls->empty()) {
      EXPECT_EQ(calls->front().arguments, R"({"a":"x)"
                                          "\xC3\xA9"
                                          R"(","b":[1,{"k":[true,null]}],"c":-2.5e3})");
    } else if (!calls) {
      EXPECT_EQ(calls.error().code, ErrorCode::bad_response);
    }
  }
}

std::string line_of(std::string arguments) {
  return write_call_line({.id = "", .name = "f", .arguments = std::move(arguments)});
}

TEST(CallLine, IsReadBackAsTheSameCall) {
  for (const char* arguments : {
           "{}",
           R"({"a":1,"b":-2.50,"c":1e400,"d":123456789012345678901234567890})",
           R"({"a":"","b":"quote \" backslash \\ line\nend \u0000","c":"it's"})",
           R"({"a":null,"b":true,"c":false})",
           R"({"a":[],"b":[1,[2,["x"]]],"c":{},"d":{"k":{"l":[null]}}})",
           "{\"a\":\"\xF0\x9F\x98\x80 ```\",\"\xC3\xA9\":1}",
       }) {
    const call::Call call{.id = "", .name = "f", .arguments = arguments};

    const auto calls = calls_of(write_call_line(call));

    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0], call);
  }
}

TEST(CallLine, IsOneLineOfPython) {
  EXPECT_EQ(line_of(R"({"a": [1, {"k": null}],"b":"x\ny"})"),
            "f(a=[1, {\"k\": None}], b=\"x\\ny\")");
  EXPECT_EQ(line_of("{}"), "f()");
}

TEST(CallLine, KeepsArgumentsThatAreNoJsonObjectAsTheyAre) {
  EXPECT_EQ(line_of("[1]"), "f([1])");
  EXPECT_EQ(line_of("{oops"), "f({oops)");
}

}  // namespace
}  // namespace atonce::model
