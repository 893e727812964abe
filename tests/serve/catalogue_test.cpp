#include "serve/catalogue.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "serve/fakes.h"

namespace atonce::serve {
namespace {

using call::Role;
using call::ToolSpec;

ToolSpec offer(const std::string& name, Role role = Role::tool, const std::string& subject = "",
               const std::string& declaration = "{}") {
  return {.name = name,
          .description = "",
          .input_schema = "{}",
          .declarations = {"", "", "", declaration},
          .role = role,
          .subject = subject};
}

std::vector<ToolSpec> many_tools(std::size_t count) {
  std::vector<ToolSpec> tools;
  for (std::size_t number = 0; number < count; ++number) {
    const std::string name = "t" + std::to_string(number);
    tools.push_back(offer(name, Role::tool, "", R"({"name":")" + name + R"("})"));
  }
  return tools;
}

// ---- finding

TEST(Catalogue, FindsEachKindByItsName) {
  const std::vector offers{
      offer("add"),
      offer("prompt greet", Role::prompt, "greet"),
      offer("resource test://a", Role::resource, "test://a"),
      offer("template test://{id}/data", Role::resource_template, "test://{id}/data"),
      offer("completion prompt greet name", Role::completion),
      offer("completion template test://{id}/data id", Role::completion),
  };
  const Catalogue catalogue(offers);

  EXPECT_EQ(catalogue.find_tool("add"), &offers[0]);
  EXPECT_EQ(catalogue.find_prompt("greet"), &offers[1]);
  EXPECT_EQ(catalogue.find_resource("test://a")->spec, &offers[2]);
  EXPECT_EQ(catalogue.find_resource("test://7/data")->spec, &offers[3]);
  EXPECT_EQ(catalogue.find_completion("prompt", "greet", "name"), &offers[4]);
  EXPECT_EQ(catalogue.find_completion("template", "test://{id}/data", "id"), &offers[5]);
  EXPECT_TRUE(catalogue.has_completions());
}

TEST(Catalogue, FindsNoOtherKindUnderAToolsName) {
  const std::vector offers{offer("add"), offer("prompt greet", Role::prompt, "greet")};
  const Catalogue catalogue(offers);

  EXPECT_EQ(catalogue.find_tool("prompt greet"), nullptr);
  EXPECT_EQ(catalogue.find_tool("ADD"), nullptr);
  EXPECT_EQ(catalogue.find_tool(""), nullptr);
  EXPECT_EQ(catalogue.find_prompt("add"), nullptr);
  EXPECT_FALSE(catalogue.find_resource("add"));
  EXPECT_EQ(catalogue.find_completion("prompt", "greet", "name"), nullptr);
  EXPECT_FALSE(catalogue.has_completions());
}

TEST(Catalogue, PrefersAResourceToATemplateThatItsAddressFits) {
  const std::vector offers{offer("template test://{id}", Role::resource_template, "test://{id}"),
                           offer("resource test://a", Role::resource, "test://a")};
  const Catalogue catalogue(offers);

  EXPECT_EQ(catalogue.find_resource("test://a")->spec, &offers[1]);
  EXPECT_EQ(catalogue.find_resource("test://b")->spec, &offers[0]);
}

TEST(Catalogue, GivesTheVariablesOfATemplateAsArguments) {
  const std::vector offers{
      offer("template test://{a}/{b}", Role::resource_template, "test://{a}/{b}")};
  const Catalogue catalogue(offers);

  EXPECT_EQ(catalogue.find_resource("test://x%22/y")->arguments,
            R"({"uri":"test://x%22/y","a":"x\"","b":"y"})");
}

// ---- pages

TEST(CataloguePage, ListsInOrder) {
  const auto tools = many_tools(3);
  const Catalogue catalogue(tools);

  EXPECT_EQ(catalogue.page(Listed::tools, Revision::v2026_07_28, std::nullopt),
            R"("tools":[{"name":"t0"},{"name":"t1"},{"name":"t2"}])");
}

TEST(CataloguePage, OfNothingIsAnEmptyList) {
  const Catalogue catalogue({});

  EXPECT_FALSE(catalogue.has(Listed::tools));
  EXPECT_EQ(catalogue.page(Listed::tools, Revision::v2026_07_28, std::nullopt), R"("tools":[])");
  EXPECT_EQ(catalogue.page(Listed::templates, Revision::v2024_11_05, std::nullopt),
            R"("resourceTemplates":[])");
}

TEST(CataloguePage, LeadsFromOneToTheNextUntilAllWereShown) {
  const auto tools = many_tools(600);
  const Catalogue catalogue(tools);
  std::vector<std::string> names;
  std::optional<std::string> cursor;
  int pages = 0;
  do {
    const auto page = catalogue.page(Listed::tools, Revision::v2026_07_28, cursor);
    ASSERT_TRUE(page);
    const auto document = json::Document::parse("{" + *page + "}");
    for (const auto& tool : document->root().find("tools")->items()) {
      names.emplace_back(*tool.find("name")->as_string());
    }
    const auto next = document->root().find("nextCursor");
    cursor = next ? std::optional(std::string(*next->as_string())) : std::nullopt;
    ++pages;
  } while (cursor);

  ASSERT_EQ(names.size(), 600U);
  for (std::size_t number = 0; number < 600; ++number) {
    EXPECT_EQ(names[number], "t" + std::to_string(number));
  }
  EXPECT_EQ(pages, 3);
}

TEST(CataloguePage, HasNoCursorWhereThePageIsFullToTheBrim) {
  const auto tools = many_tools(250);
  const Catalogue catalogue(tools);

  EXPECT_FALSE(
      catalogue.page(Listed::tools, Revision::v2026_07_28, std::nullopt)->contains("nextCursor"));
}

TEST(CataloguePage, RefusesACursorThatItNeverGave) {
  const auto tools = many_tools(300);
  const Catalogue catalogue(tools);
  for (const std::string& cursor : {std::string(), std::string("x"), std::string("250"),
                                    to_base64("from:"), to_base64("from:-1"), to_base64("from:300"),
                                    to_base64("from:1x"), to_base64("from:99999999999999999999999"),
                                    to_base64("to:1"), to_base64("from:250") + "="}) {
    const auto page = catalogue.page(Listed::tools, Revision::v2026_07_28, cursor);

    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code, protocol::mcp::kInvalidParams);
  }
  EXPECT_TRUE(catalogue.page(Listed::tools, Revision::v2026_07_28, to_base64("from:250")));
}

TEST(CataloguePage, LeavesOutWhatARevisionDoesNotKnow) {
  const std::vector offers{offer("t", Role::tool, "",
                                 R"({"name":"t","title":"T","description":"d","icons":[],)"
                                 R"("inputSchema":{},"outputSchema":{},"annotations":{},)"
                                 R"("_meta":{}})")};
  const Catalogue catalogue(offers);
  const auto shown = [&](Revision revision) {
    return *catalogue.page(Listed::tools, revision, std::nullopt);
  };

  EXPECT_EQ(shown(Revision::v2024_11_05),
            R"("tools":[{"name":"t","description":"d","inputSchema":{}}])");
  EXPECT_EQ(shown(Revision::v2025_03_26),
            R"("tools":[{"name":"t","description":"d","inputSchema":{},"annotations":{}}])");
  EXPECT_EQ(shown(Revision::v2025_06_18),
            R"("tools":[{"name":"t","title":"T","description":"d","inputSchema":{},)"
            R"("outputSchema":{},"annotations":{},"_meta":{}}])");
  for (const Revision revision : {Revision::v2025_11_25, Revision::v2026_07_28}) {
    EXPECT_EQ(shown(revision), "\"tools\":[" + offers[0].declaration(call::Dialect::mcp) + "]");
  }
}

}  // namespace
}  // namespace atonce::serve
