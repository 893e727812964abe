#include "model/tool_stub.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace atonce::model {
namespace {

std::string stub_of(std::string schema, std::string description = "Does it.") {
  return make_tool_stub(
      {.name = "f", .description = std::move(description), .input_schema = std::move(schema)});
}

// The type that the stub shows for a required parameter of this schema.
std::string type_of(const std::string& schema, const std::string& definitions = "{}") {
  const std::string stub = stub_of(R"({"type":"object","properties":{"x":)" + schema +
                                   R"(},"required":["x"],"$defs":)" + definitions + "}");
  const std::size_t start = std::string_view("def f(x: ").size();
  return stub.substr(start, stub.find("):\n") - start);
}

TEST(ToolStub, ShowsTheSignatureAndTheParametersDescriptions) {
  const call::ToolSpec tool{.name = "get_exchange_rate",
                            .description = "Get the exchange rate between two currencies.",
                            .input_schema = R"({"type":"object","properties":{
          "currency_from":{"type":"string","description":"Currency to convert from."},
          "date":{"type":"string","format":"date","default":"latest","description":"Day of the rate."},
          "amount":{"type":"number","default":1.0},
          "currency_to":{"type":"string"}},
          "required":["currency_from","currency_to"]})"};

  EXPECT_EQ(
      make_tool_stub(tool),
      R"(def get_exchange_rate(currency_from: str, currency_to: str, date: str = "latest", amount: float = 1.0):
    """Get the exchange rate between two currencies.

    currency_from: Currency to convert from.
    date: Day of the rate. Format: date
    """
)");
}

TEST(ToolStub, ShowsAToolWithoutParametersInTwoLines) {
  EXPECT_EQ(stub_of(R"({"type":"object","properties":{}})"),
            "def f():\n    \"\"\"Does it.\"\"\"\n");
  EXPECT_EQ(stub_of("{}"), "def f():\n    \"\"\"Does it.\"\"\"\n");
}

TEST(ToolStub, NamesEveryTypeAsPythonDoes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"type":"string"})", "str"},
      {R"({"type":"integer"})", "int"},
      {R"({"type":"number"})", "float"},
      {R"({"type":"boolean"})", "bool"},
      {R"({"type":"null"})", "None"},
      {R"({"type":"array"})", "list"},
      {R"({"type":"array","items":{"type":"string"}})", "list[str]"},
      {R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]})",
       "tuple[str, int]"},
      {R"({"type":"object"})", "dict"},
      {R"({"type":"object","additionalProperties":{"type":"number"}})", "dict[str, float]"},
      {R"({"type":"object","properties":{"x":{"type":"number"},"y":{"type":"string"}}})",
       R"({"x": float, "y": str})"},
      {R"({"enum":["a",1,null]})", R"(Literal["a", 1, None])"},
      {R"({"const":"a"})", R"(Literal["a"])"},
      {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "int | None"},
      {R"({"type":["string","null"]})", "str | None"},
      {"{}", "Any"},
      {R"({"type":"money"})", "Any"},
  };
  for (const auto& [schema, type] : cases) EXPECT_EQ(type_of(schema), type) << schema;
}

TEST(ToolStub, FollowsReferencesAndEndsRecursiveTypes) {
  const std::string reference = R"({"$ref":"#/$defs/T"})";

  EXPECT_EQ(type_of(reference, R"({"T":{"enum":["a"]}})"), R"(Literal["a"])");
  EXPECT_EQ(type_of(reference, R"({"T":{"type":"array","items":{"$ref":"#/$defs/T"}}})"),
            "list[list[list[list[Any]]]]");
  EXPECT_EQ(type_of(reference, R"({"T":{"$ref":"#/$defs/T"}})"), "Any");
  EXPECT_EQ(type_of(reference), "Any");
}

TEST(ToolStub, ShowsThatAnOptionalParameterHasADefaultThatIsNotDeclared) {
  EXPECT_EQ(stub_of(R"({"properties":{"x":{"type":"integer"}}})"),
            "def f(x: int = ...):\n    \"\"\"Does it.\"\"\"\n");
}

TEST(ToolStub, TakesADescriptionFromTheReferencedTypeWhenTheParameterHasNone) {
  const std::string stub = stub_of(R"({"properties":{"x":{"$ref":"#/$defs/T"}},
      "$defs":{"T":{"type":"string","description":"A code."}}})");

  EXPECT_NE(stub.find("    x: A code.\n"), std::string::npos) << stub;
}

TEST(ToolStub, KeepsADescriptionInsideTheDocstring) {
  EXPECT_EQ(stub_of("{}", "One.\nTwo \"\"\"three\"\"\"."),
            "def f():\n    \"\"\"One.\n    Two \"\"three\"\".\"\"\"\n");
}

TEST(ToolStub, CutsALongDescriptionBetweenCharacters) {
  std::string description = "x";
  for (int i = 0; i < 1000; ++i) description += "\xC3\xA9";

  const std::string stub = stub_of("{}", description);

  EXPECT_LT(stub.size(), 1300U);
  EXPECT_NE(stub.find("\xC3\xA9\xEF\xBF\xBD\"\"\""), std::string::npos);
}

TEST(ToolStub, ShowsASchemaThatIsNotJsonAsAnyArguments) {
  EXPECT_EQ(stub_of("{\"type\":"), "def f(**arguments):\n    \"\"\"Does it.\"\"\"\n");
}

}  // namespace
}  // namespace atonce::model
