#include "protocol/gemini_models.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

TEST(GeminiModels, AreReadWithTheirMethodsLimitsAndTheTokenOfTheNextPage) {
  const auto page = gemini::read_models(R"({
    "models": [
      {"name": "models/gemini-flash-latest", "version": "3", "displayName": "Gemini Flash", "description": "Fast.",
       "inputTokenLimit": 1048576, "outputTokenLimit": "65536",
       "supportedGenerationMethods": ["generateContent", "countTokens", 7], "new": {}},
      {"name": "tunedModels/mine", "display_name": "Mine", "input_token_limit": 5},
      {"displayName": "without a name"}],
    "nextPageToken": "Cg=="})");

  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->next_page_token, "Cg==");
  ASSERT_EQ(page->models.size(), 2U);
  EXPECT_EQ(page->models[0].name, "gemini-flash-latest");
  EXPECT_EQ(page->models[0].display_name, "Gemini Flash");
  EXPECT_EQ(page->models[0].description, "Fast.");
  EXPECT_EQ(page->models[0].methods, (std::vector<std::string>{"generateContent", "countTokens"}));
  EXPECT_EQ(page->models[0].input_token_limit, 1048576);
  EXPECT_EQ(page->models[0].output_token_limit, 65536);
  EXPECT_EQ(page->models[1].name, "tunedModels/mine");
  EXPECT_EQ(page->models[1].display_name, "Mine");
  EXPECT_EQ(page->models[1].input_token_limit, 5);
  EXPECT_EQ(page->models[1].output_token_limit, 0);
}

TEST(GeminiModels, VertexListsTheModelsOfAPublisher) {
  const auto page = gemini::read_models(R"({
    "publisherModels": [{"name": "publishers/google/models/gemini-x", "launchStage": "GA"}],
    "nextPageToken": "t"})");

  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->models.size(), 1U);
  EXPECT_EQ(page->models[0].name, "gemini-x");
  EXPECT_EQ(page->next_page_token, "t");
}

TEST(GeminiModels, AnEmptyObjectIsAListOfNone) {
  const auto page = gemini::read_models("{}");

  ASSERT_TRUE(page);
  EXPECT_TRUE(page->models.empty());
  EXPECT_EQ(page->next_page_token, "");
}

TEST(GeminiModels, WhatIsNoListIsRefused) {
  const std::string no_response = "the server's answer is no Gemini response: ";
  for (const auto& [body, message] : std::vector<std::pair<std::string, std::string>>{
           {R"({"object":"list","data":[]})", no_response + "it has no models"},
           {R"({"models":{}})", no_response + "it has no models"},
           {"[]", no_response + "it is no object"},
           {"<html>", "the server answered with a web page, not with Gemini's JSON"}}) {
    const auto page = gemini::read_models(body);

    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().code, ErrorCode::bad_response);
    EXPECT_EQ(page.error().message, message);
  }
}

TEST(GeminiModels, AnErrorInTheAnswerIsTheServersError) {
  const std::string body = R"({"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}})";

  const auto page = gemini::read_models(body);
  const auto count = gemini::read_count(body);

  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(page.error().message, "Gemini answered 403 PERMISSION_DENIED: no");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error(), page.error());
}

TEST(GeminiModels, CountingAsksForAllThatWouldBeSent) {
  const std::vector<Message> messages = {UserText{"hi"}};
  const ModelRequest request{.messages = messages, .tools = {}, .system = "Be brief."};
  const std::string rest = R"("contents":[{"role":"user","parts":[{"text":"hi"}]}],
      "systemInstruction":{"parts":[{"text":"Be brief."}]}}})";

  EXPECT_TRUE(same_json(gemini::write_count_request(request, "m"),
                        R"({"generateContentRequest":{"model":"models/m",)" + rest));
  EXPECT_TRUE(same_json(gemini::write_count_request(request, "tunedModels/m"),
                        R"({"generateContentRequest":{"model":"tunedModels/m",)" + rest));
}

TEST(GeminiModels, CountingOnVertexTakesWhatCostsTokensOnly) {
  const std::vector<Message> messages = {UserText{"hi"}};
  const std::vector<call::ToolSpec> tools = {{.name = "f",
                                              .description = "F.",
                                              .input_schema = "{}",
                                              .declarations = {"", R"({"name":"f"})"}}};
  const ModelRequest request{
      .messages = messages, .tools = tools, .system = "Be brief.", .mode = CallMode::any};

  EXPECT_TRUE(same_json(gemini::write_vertex_count_request(request, "m"),
                        R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],
                            "systemInstruction":{"parts":[{"text":"Be brief."}]},
                            "tools":[{"functionDeclarations":[{"name":"f"}]}]})"));
}

TEST(GeminiModels, TheCountIsReadInEverySpelling) {
  EXPECT_EQ(gemini::read_count(R"({"totalTokens":5,"cachedContentTokenCount":0})").value(), 5);
  EXPECT_EQ(gemini::read_count(R"({"total_tokens":"7"})").value(), 7);
  const auto none = gemini::read_count("{}");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "the server's answer is no Gemini response: it has no totalTokens");
}

}  // namespace
}  // namespace atonce::protocol
