#include "protocol/mcp_result.h"

#include <gtest/gtest.h>

#include <vector>

namespace atonce::protocol::mcp {
namespace {

using call::Outcome;
using call::Returned;

constexpr auto kModern = Revision::v2026_07_28;

call::ToolSpec tool(call::Output output = {}) {
  return {.name = "t", .description = "", .input_schema = "{}", .output = output};
}

std::string result_of(const Outcome& outcome, const call::ToolSpec& spec = tool(),
                      Revision revision = kModern) {
  auto members = write_tool_result(outcome, spec, revision);
  return members ? "{" + *members + "}" : members.error().message;
}

// ---- tools

TEST(McpToolResult, OfATextIsThatText) {
  EXPECT_EQ(result_of(Returned{R"("a \"b\"")"}),
            R"({"content":[{"type":"text","text":"a \"b\""}]})");
}

TEST(McpToolResult, OfAnythingElseIsItsJson) {
  EXPECT_EQ(result_of(Returned{"3"}), R"({"content":[{"type":"text","text":"3"}]})");
  EXPECT_EQ(result_of(Returned{R"({"a":[1]})"}),
            R"({"content":[{"type":"text","text":"{\"a\":[1]}"}]})");
}

TEST(McpToolResult, WithASchemaIsStructuredToo) {
  EXPECT_EQ(result_of(Returned{R"({"a":1})"}, tool({.has_schema = true})),
            R"({"content":[{"type":"text","text":"{\"a\":1}"}],"structuredContent":{"a":1}})");
}

TEST(McpToolResult, IsAnObjectInEveryRevision) {
  for (const Revision revision :
       {Revision::v2025_06_18, Revision::v2025_11_25, Revision::v2026_07_28}) {
    EXPECT_EQ(result_of(Returned{"3"}, tool({.has_schema = true, .is_wrapped = true}), revision),
              R"({"content":[{"type":"text","text":"3"}],"structuredContent":{"result":3}})");
  }
}

TEST(McpToolResult, HasNoStructureBeforeItWasKnown) {
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    const auto both = tool({.has_schema = true});
    const auto only = tool({.has_schema = true, .mode = call::StructuredMode::only});

    EXPECT_EQ(result_of(Returned{"{}"}, both, revision),
              R"({"content":[{"type":"text","text":"{}"}]})");
    EXPECT_EQ(result_of(Returned{"{}"}, only, revision),
              R"({"content":[{"type":"text","text":"{}"}]})");
  }
}

TEST(McpToolResult, MayBeOneOfTheTwo) {
  EXPECT_EQ(result_of(Returned{R"({"a":1})"},
                      tool({.has_schema = true, .mode = call::StructuredMode::only})),
            R"({"content":[],"structuredContent":{"a":1}})");
  EXPECT_EQ(result_of(Returned{R"({"a":1})"},
                      tool({.has_schema = true, .mode = call::StructuredMode::text})),
            R"({"content":[{"type":"text","text":"{\"a\":1}"}]})");
}

TEST(McpToolResult, OfEveryOtherOutcomeIsAnErrorThatIsNoProtocolError) {
  const std::vector<std::pair<Outcome, std::string_view>> cases{
      {call::Raised{"ValueError", "no"}, "ValueError: no"},
      {call::Invalid{"invalid_arguments", "/a: must be an integer"}, "/a: must be an integer"},
      {call::TimedOut{std::chrono::milliseconds(20)}, "no answer within 20 ms"},
      {call::Cancelled{}, "cancelled by the caller"},
      {call::NotStarted{"the server is ending"}, "not started: the server is ending"},
      {call::Interrupted{"its process died"}, "interrupted: its process died"}};
  for (const auto& [outcome, words] : cases) {
    EXPECT_EQ(
        result_of(outcome, tool({.has_schema = true})),
        R"({"content":[{"type":"text","text":")" + std::string(words) + R"("}],"isError":true})");
  }
}

TEST(McpToolResult, OfAnErrorThatIsNoUtf8IsJson) {
  const std::string text = result_of(call::Raised{"E", "\xff"});

  EXPECT_TRUE(json::Document::parse(text)) << text;
}

// ---- content

TEST(McpContent, ShowsAnImage) {
  EXPECT_EQ(result_of(Returned{R"({"media_type":"image/png","data":"iVBO"})"}),
            R"({"content":[{"type":"image","data":"iVBO","mimeType":"image/png"}]})");
}

TEST(McpContent, HasAudioSinceItWasKnown) {
  const Returned sound{R"({"media_type":"audio/wav","data":"UklG"})"};

  EXPECT_EQ(result_of(sound, tool(), Revision::v2025_03_26),
            R"({"content":[{"type":"audio","data":"UklG","mimeType":"audio/wav"}]})");
  EXPECT_EQ(result_of(sound, tool(), Revision::v2024_11_05),
            R"({"content":[{"type":"resource","resource":{"uri":"attachment:1",)"
            R"("mimeType":"audio/wav","blob":"UklG"}}]})");
}

TEST(McpContent, OfAnyOtherFileIsAResource) {
  EXPECT_EQ(result_of(Returned{R"({"media_type":"application/pdf","data":"JVBE"})"}),
            R"({"content":[{"type":"resource","resource":{"uri":"attachment:1",)"
            R"("mimeType":"application/pdf","blob":"JVBE"}}]})");
}

TEST(McpContent, OfAListWithABlockIsAListOfBlocks) {
  EXPECT_EQ(result_of(Returned{R"(["see",{"media_type":"image/png","data":"iVBO"},)"
                               R"({"atonce:text":{"text":"t","annotations":{"priority":1}}}])"}),
            R"({"content":[{"type":"text","text":"see"},)"
            R"({"type":"image","data":"iVBO","mimeType":"image/png"},)"
            R"({"type":"text","text":"t","annotations":{"priority":1}}]})");
}

TEST(McpContent, FindsAnImageInsideOfAnObject) {
  const auto document = json::Document::parse(
      result_of(Returned{R"({"plot":{"media_type":"image/png","data":"iVBO"},"n":1})"}));

  ASSERT_TRUE(document);
  const auto blocks = document->root().find("content")->items();
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].find("type")->as_string(), "text");
  EXPECT_EQ(blocks[1].find("type")->as_string(), "image");
}

TEST(McpContent, HasALinkSinceItWasKnown) {
  const Returned link{R"({"atonce:resource_link":{"uri":"test://a","name":"a"}})"};

  EXPECT_EQ(result_of(link),
            R"({"content":[{"type":"resource_link","uri":"test://a","name":"a"}]})");
  EXPECT_EQ(result_of(link, tool(), Revision::v2025_03_26),
            R"({"content":[{"type":"text","text":"test://a"}]})");
}

TEST(McpContent, HoldsAResourceAndWhatBelongsToItsBlock) {
  EXPECT_EQ(result_of(Returned{R"({"atonce:resource":{"uri":"test://a","text":"hi",)"
                               R"("annotations":{"priority":0.5}}})"}),
            R"({"content":[{"type":"resource","resource":{"uri":"test://a","text":"hi"},)"
            R"("annotations":{"priority":0.5}}]})");
  EXPECT_EQ(result_of(Returned{R"({"atonce:resource":{"uri":"test://a","blob":)"
                               R"({"media_type":"image/png","data":"iVBO"}}})"}),
            R"({"content":[{"type":"resource","resource":{"uri":"test://a",)"
            R"("mimeType":"image/png","blob":"iVBO"}}]})");
}

TEST(McpContent, IsWhatAFunctionSaysOfEveryPart) {
  EXPECT_EQ(result_of(Returned{R"({"atonce:result":{"content":["a"],"structured":{"n":1},)"
                               R"("is_error":true,"meta":{"k":2}}})"}),
            R"({"content":[{"type":"text","text":"a"}],"structuredContent":{"n":1},)"
            R"("isError":true,"_meta":{"k":2}})");
  EXPECT_EQ(result_of(Returned{R"({"atonce:result":{"content":["a"],"structured":[1]}})"}, tool(),
                      Revision::v2025_03_26),
            R"({"content":[{"type":"text","text":"a"}]})");
}

TEST(McpContent, IsOnlyTextWhereAMarkIsNotAlone) {
  EXPECT_EQ(result_of(Returned{R"({"atonce:text":{"text":"t"},"more":1})"}),
            R"({"content":[{"type":"text","text":)"
            R"("{\"atonce:text\":{\"text\":\"t\"},\"more\":1}"}]})");
}

// ---- prompts, resources, completions

TEST(McpPromptResult, IsWhatTheFunctionReturned) {
  EXPECT_EQ(write_prompt_result(Returned{R"({"messages":[]})"}), R"("messages":[])");
}

TEST(McpResourceResult, IsItsContents) {
  EXPECT_EQ(write_resource_result(Returned{R"([{"uri":"a","text":"t"}])"}),
            R"("contents":[{"uri":"a","text":"t"}])");
}

TEST(McpCompletionResult, IsCutAndSaysThatThereIsMore) {
  EXPECT_EQ(write_completion_result(Returned{R"(["a","b"])"}, 2),
            R"("completion":{"values":["a","b"],"total":2,"hasMore":false})");
  EXPECT_EQ(write_completion_result(Returned{R"(["a","b","c"])"}, 2),
            R"("completion":{"values":["a","b"],"total":3,"hasMore":true})");
}

TEST(McpOtherResult, OfArgumentsThatDoNotFitIsInvalidParams) {
  const Outcome invalid = call::Invalid{"invalid_arguments", "/x: missing"};

  EXPECT_EQ(write_prompt_result(invalid).error(), (RpcError{kInvalidParams, "/x: missing"}));
  EXPECT_EQ(write_resource_result(invalid).error().code, kInvalidParams);
  EXPECT_EQ(write_completion_result(invalid, 100).error().code, kInvalidParams);
}

TEST(McpOtherResult, OfAnExceptionIsAnInternalError) {
  const Outcome raised = call::Raised{"KeyError", "'x'"};

  EXPECT_EQ(write_prompt_result(raised).error(), (RpcError{kInternalError, "KeyError: 'x'"}));
  EXPECT_EQ(write_resource_result(raised).error().code, kInternalError);
  EXPECT_EQ(write_completion_result(raised, 100).error().code, kInternalError);
}

TEST(McpOtherResult, OfWhatItsKindDoesNotReturnIsAnInternalError) {
  EXPECT_EQ(write_prompt_result(Returned{"3"}).error().code, kInternalError);
  EXPECT_EQ(write_resource_result(Returned{"{}"}).error().code, kInternalError);
  EXPECT_EQ(write_completion_result(Returned{"{}"}, 100).error().code, kInternalError);
}

TEST(McpMissingCapabilities, AreNamedAsAnObject) {
  const RpcError error = missing_capabilities({"sampling", "elicitation"});

  EXPECT_EQ(error.code, kMissingCapability);
  EXPECT_EQ(error.data, R"({"requiredCapabilities":{"elicitation":{},"sampling":{}}})");
}

}  // namespace
}  // namespace atonce::protocol::mcp
