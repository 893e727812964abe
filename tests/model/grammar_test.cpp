#include "model/grammar.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "model/gbnf.h"
#include "model/local_calls.h"

namespace atonce::model {
namespace {

call::ToolSpec tool(std::string name, std::string schema) {
  return {.name = std::move(name), .description = "Does it.", .input_schema = std::move(schema)};
}

Gbnf grammar_of(const std::vector<call::ToolSpec>& tools, const GrammarOptions& options = {}) {
  const auto grammar = make_call_grammar(tools, options);
  EXPECT_TRUE(grammar) << grammar.error().message;
  return Gbnf(grammar.value_or("root ::= \"none\"\n"));
}

// The grammar of one tool `f` whose only parameter `x` has the schema.
Gbnf grammar_of_parameter(const std::string& schema, const std::string& definitions = "{}") {
  return grammar_of({tool("f", R"({"type":"object","properties":{"x":)" + schema +
                                   R"(},"required":["x"],"$defs":)" + definitions + "}")});
}

std::string block(const std::string& lines) { return lines + "\n```"; }

struct ParameterCase {
  const char* what;
  const char* schema;
  std::vector<const char*> accepted;
  std::vector<const char*> refused;
};

void PrintTo(const ParameterCase& each, std::ostream* out) { *out << each.schema; }

class ParameterGrammar : public testing::TestWithParam<ParameterCase> {};

TEST_P(ParameterGrammar, AcceptsTheLiteralsThatFitTheSchemaAndNoOthers) {
  Gbnf grammar = grammar_of_parameter(GetParam().schema);

  for (const std::string literal : GetParam().accepted) {
    EXPECT_TRUE(grammar.accepts(block("f(x=" + literal + ")"))) << literal;
  }
  for (const std::string literal : GetParam().refused) {
    EXPECT_FALSE(grammar.accepts(block("f(x=" + literal + ")"))) << literal;
  }
}

const std::vector<ParameterCase> kParameterCases = {
    {"String",
     R"({"type":"string"})",
     {R"("")", R"("a \"b\" \\ \n \u00e9")", "\"\xC3\xA9\xE2\x82\xAC\"", R"("it's #1 (really).")"},
     {"a", "'a'", "1", "None", R"("a)", "\"a\nb\"", R"("\q")"}},
    {"StringOfBoundedLength",
     R"({"type":"string","minLength":2,"maxLength":3})",
     {R"("ab")", "\"\xC3\xA9\xC3\xA9\xC3\xA9\""},
     {R"("a")", R"("abcd")"}},
    {"Date",
     R"({"type":"string","format":"date"})",
     {R"("2025-03-13")"},
     {R"("13 March")", R"("")"}},
    {"Time",
     R"({"type":"string","format":"time"})",
     {R"("19:30")", R"("19:30:00Z")", R"("19:30:00+01:00")"},
     {R"("7 pm")"}},
    {"DateTime",
     R"({"type":"string","format":"date-time"})",
     {R"("2025-03-13T19:30:00")"},
     {R"("2025-03-13")"}},
    {"Integer", R"({"type":"integer"})", {"0", "-7", "123456789"}, {"1.0", "007", "-", R"("1")"}},
    {"NaturalNumber", R"({"type":"integer","minimum":0})", {"0", "12"}, {"-1"}},
    {"Number", R"({"type":"number"})", {"0", "-7", "2.50", "1e-3", "1.5E+10"}, {".5", "1.", "NaN"}},
    {"Boolean", R"({"type":"boolean"})", {"True", "False"}, {"true", "1", "None"}},
    {"Null", R"({"type":"null"})", {"None"}, {"null", "0"}},
    {"Enum",
     R"({"enum":["all","say \"hi\"",2,null,true]})",
     {R"("all")", R"("say \"hi\"")", "2", "None", "True"},
     {R"("al")", "all", "3", "False"}},
    {"Const", R"({"const":"metric"})", {R"("metric")"}, {R"("imperial")"}},
    {"Optional", R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", {"3", "None"}, {R"("3")"}},
    {"Union",
     R"({"oneOf":[{"type":"boolean"},{"type":"array","items":{"type":"integer"}}]})",
     {"True", "[]", "[1, 2]"},
     {"1", "[True]"}},
    {"ListOfTypeNames", R"({"type":["string","null"]})", {R"("a")", "None"}, {"1"}},
    {"List",
     R"({"type":"array","items":{"type":"string"}})",
     {"[]", R"(["a"])", R"(["a", "b"])"},
     {R"(["a",])", R"(["a" "b"])", "[1]", R"(("a"))"}},
    {"ListOfAnything", R"({"type":"array"})", {R"([1, "a", [None, {"k": 2.5}]])"}, {"{}"}},
    {"ListOfBoundedLength",
     R"({"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":3})",
     {"[1, 2]", "[1, 2, 3]"},
     {"[]", "[1]", "[1, 2, 3, 4]"}},
    {"ListOfAtMostOne",
     R"({"type":"array","items":{"type":"integer"},"maxItems":1})",
     {"[]", "[1]"},
     {"[1, 2]"}},
    {"ListThatIsEmpty", R"({"type":"array","maxItems":0})", {"[]"}, {"[1]"}},
    {"Tuple",
     R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]})",
     {R"(["a", 1])"},
     {"[]", R"(["a"])", R"([1, "a"])"}},
    {"DictOfKnownKeys",
     R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"}},"required":["b"]})",
     {R"({"b": True})", R"({"b": True, "a": 1})"},
     {"{}", R"({"a": 1})", R"({"b": True, "c": 1})"}},
    {"DictOfValues",
     R"({"type":"object","additionalProperties":{"type":"number"}})",
     {"{}", R"({"a": 1})", R"({"a": 1, "b": 2.5})"},
     {R"({"a": "1"})", R"({1: 1})"}},
    {"DictOfAnything", R"({"type":"object"})", {"{}", R"({"a": [1, {"b": None}]})"}, {"[]"}},
    {"Anything", "{}", {"1", R"("a")", "None", "[1, [2]]", R"({"a": {}})"}, {"a", "()"}},
    {"AnUnknownType", R"({"type":"money"})", {"1", R"("1 EUR")"}, {"EUR"}},
};

INSTANTIATE_TEST_SUITE_P(Of, ParameterGrammar, testing::ValuesIn(kParameterCases),
                         [](const auto& each) { return each.param.what; });

TEST(CallGrammar, WritesRequiredKeysFirstAndLeavesOutOptionalOnes) {
  Gbnf grammar = grammar_of({tool("f", R"({"type":"object","properties":{"a":{"type":"integer"},
      "b":{"type":"integer"},"c":{"type":"integer"}},"required":["b"]})")});

  for (const char* arguments : {"b=1", "b=1, a=2", "b=1, c=3", "b=1, a=2, c=3"}) {
    EXPECT_TRUE(grammar.accepts(block(std::string("f(") + arguments + ")"))) << arguments;
  }
  for (const char* arguments : {"", "a=2", "b=1, c=3, a=2", "b=1, b=1", "b=1,", "1", "b=1, d=1"}) {
    EXPECT_FALSE(grammar.accepts(block(std::string("f(") + arguments + ")"))) << arguments;
  }
}

TEST(CallGrammar, AllowsEveryChoiceOfKeysWhenAllAreOptional) {
  Gbnf grammar = grammar_of({tool("f", R"({"type":"object","properties":{"a":{"type":"integer"},
      "b":{"type":"integer"},"c":{"type":"integer"}}})")});

  for (const char* arguments :
       {"", "a=1", "b=1", "c=1", "a=1, b=1", "a=1, c=1", "b=1, c=1", "a=1, b=1, c=1"}) {
    EXPECT_TRUE(grammar.accepts(block(std::string("f(") + arguments + ")"))) << arguments;
  }
  EXPECT_FALSE(grammar.accepts(block("f(, a=1)")));
  EXPECT_FALSE(grammar.accepts(block("f(b=1, a=1)")));
}

TEST(CallGrammar, CallsOnlyKnownToolsOneALineUntilTheFence) {
  Gbnf grammar = grammar_of({tool("now", "{}"), tool("later", "{}")}, {.most_calls = 2});

  EXPECT_TRUE(grammar.accepts("now()\n```"));
  EXPECT_TRUE(grammar.accepts("now()\nlater()\n```"));
  EXPECT_FALSE(grammar.accepts("now()"));
  EXPECT_FALSE(grammar.accepts("\n```"));
  EXPECT_FALSE(grammar.accepts("never()\n```"));
  EXPECT_FALSE(grammar.accepts("now() later()\n```"));
  EXPECT_FALSE(grammar.accepts("now()\nnow()\nnow()\n```"));
}

TEST(CallGrammar, OffersTheReplyAloneAndOnlyWhenItMayReply) {
  const std::vector<call::ToolSpec> tools{tool("now", "{}")};
  Gbnf with = grammar_of(tools);
  Gbnf without = grammar_of(tools, {.may_reply = false});

  EXPECT_TRUE(with.accepts("reply_to_user(text=\"Good evening!\")\n```"));
  EXPECT_FALSE(with.accepts("now()\nreply_to_user(text=\"Good evening!\")\n```"));
  EXPECT_FALSE(with.accepts("reply_to_user(text=\"\")\n```"));
  EXPECT_FALSE(without.accepts("reply_to_user(text=\"Good evening!\")\n```"));
}

TEST(CallGrammar, RefersToDefinitionsOfTheToolItself) {
  const char* schema = R"({"type":"object","properties":{"x":{"$ref":"#/$defs/T"}},"required":["x"],
      "$defs":{"T":{"type":"%"}}})";
  const auto with_type = [&](const std::string& type) {
    std::string text(schema);
    return text.replace(text.find('%'), 1, type);
  };
  Gbnf grammar = grammar_of({tool("f", with_type("integer")), tool("g", with_type("boolean"))});

  EXPECT_TRUE(grammar.accepts("f(x=1)\ng(x=True)\n```"));
  EXPECT_FALSE(grammar.accepts("f(x=True)\n```"));
  EXPECT_FALSE(grammar.accepts("g(x=1)\n```"));
}

TEST(CallGrammar, FollowsRecursiveDefinitions) {
  Gbnf grammar = grammar_of_parameter(
      R"({"$ref":"#/$defs/Tree"})",
      R"({"Tree":{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#/$defs/Tree"}}},
          "required":["children"]}})");

  EXPECT_TRUE(grammar.accepts(block(R"(f(x={"children": [{"children": []}]}))")));
  EXPECT_FALSE(grammar.accepts(block(R"(f(x={"children": [{}]}))")));
}

TEST(CallGrammar, TakesAReferenceThatLeadsNowhereOrInACircleAsAnything) {
  Gbnf nowhere = grammar_of_parameter(R"({"$ref":"#/$defs/Lost"})");
  Gbnf circle = grammar_of_parameter(R"({"$ref":"#/$defs/A"})",
                                     R"({"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}})");

  EXPECT_TRUE(nowhere.accepts(block("f(x=[1])")));
  EXPECT_TRUE(circle.accepts(block("f(x=[1])")));
}

TEST(CallGrammar, AcceptsWhatIsWrittenFromArgumentsThatFitTheSchema) {
  Gbnf grammar = grammar_of({tool("book", R"({"type":"object","properties":{
      "who":{"type":"string"},"seats":{"type":"array","items":{"type":"integer"}},
      "price":{"anyOf":[{"type":"number"},{"type":"null"}]},
      "extras":{"type":"object","additionalProperties":{"type":"boolean"}},
      "class":{"enum":["first","second"]}},
      "required":["who","seats","price","extras","class"]})")});

  for (
      const char* arguments : {
          R"({"who":"Ada","seats":[1,2],"price":12.50,"extras":{"meal":true},"class":"first"})",
          R"({"who":"\"Zo\u00eb\"\n\\ \u0001 ```","seats":[],"price":null,"extras":{},"class":"second"})",
      }) {
    const std::string line = write_call_line({.id = "", .name = "book", .arguments = arguments});
    EXPECT_TRUE(grammar.accepts(block(line))) << line;
  }
}

TEST(CallGrammar, RefusesASchemaThatIsNotJson) {
  const std::vector<call::ToolSpec> tools{tool("broken", "{\"type\":")};

  const auto grammar = make_call_grammar(tools);

  ASSERT_FALSE(grammar);
  EXPECT_EQ(grammar.error().code, ErrorCode::bad_input);
  EXPECT_TRUE(grammar.error().message.starts_with("the schema of `broken` cannot be read: "))
      << grammar.error().message;
}

TEST(CallGrammar, RefusesToBeOfNothing) {
  const auto grammar = make_call_grammar({}, {.may_reply = false});

  ASSERT_FALSE(grammar);
  EXPECT_EQ(grammar.error().code, ErrorCode::bad_input);
}

}  // namespace
}  // namespace atonce::model
