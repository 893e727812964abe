// Gemini on Vertex AI: addresses, tokens, keys of express mode, counting and the list.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "model/gemini_address.h"
#include "model/gemini_client.h"
#include "model/scripted_server.h"
#include "protocol/message.h"

namespace atonce::model {
namespace {

constexpr char kToken[] = "ya29.token";
constexpr char kHello[] =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}]})";

const std::vector<protocol::Message> kQuestion = {protocol::UserText{"hi"}};

GeminiOptions options_for(const std::string& url) {
  GeminiOptions options{.specification = "vertex/m",
                        .model = "m",
                        .access_token = kToken,
                        .is_vertex = true,
                        .project = "my-project",
                        .base_url = url};
  options.http.proxies = {};
  options.http.timeout = 20s;
  return options;
}

TEST(Vertex, HasAnAddressForEachLocation) {
  const std::vector<std::pair<std::string, std::string>> hosts = {
      {"global", "aiplatform.googleapis.com"},
      {"us-central1", "us-central1-aiplatform.googleapis.com"},
      {"eu", "aiplatform.eu.rep.googleapis.com"}};

  for (const auto& [location, host] : hosts) {
    GeminiOptions options = options_for("");
    options.location = location;
    EXPECT_EQ(method_url(options, "generateContent"),
              "https://" + host + "/v1/projects/my-project/locations/" + location +
                  "/publishers/google/models/m:generateContent");
  }
}

TEST(Vertex, FindsTheModelFromEverySpelling) {
  const std::string place = "https://a/v1/projects/my-project/locations/global/";
  const std::vector<std::pair<std::string, std::string>> spellings = {
      {"m", place + "publishers/google/models/m"},
      {"meta/llama-4", place + "publishers/meta/models/llama-4"},
      {"publishers/x/models/y", place + "publishers/x/models/y"},
      {"endpoints/123", place + "endpoints/123"},
      {"projects/p/locations/l/endpoints/1", "https://a/v1/projects/p/locations/l/endpoints/1"}};

  for (const auto& [model, expected] : spellings) {
    GeminiOptions options = options_for("https://a");
    options.model = model;
    EXPECT_EQ(method_url(options, "countTokens"), expected + ":countTokens");
  }
}

TEST(Vertex, TheVersionOfTheBaseAddressCounts) {
  EXPECT_EQ(models_url(options_for(""), ""),
            "https://aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=200");
  EXPECT_TRUE(method_url(options_for("https://a/v1beta1/"), "x")
                  .starts_with("https://a/v1beta1/projects/"));
}

TEST(Vertex, AProjectOrALocationThatCannotBeInAnAddressIsRefused) {
  GeminiOptions project = options_for("");
  project.project = "a/b";
  GeminiOptions location = options_for("");
  location.location = "evil.example/";
  const GeminiOptions base = options_for("ftp://a");

  EXPECT_EQ(check_address(project).error().hint, "correct GOOGLE_CLOUD_PROJECT");
  EXPECT_TRUE(check_address(location).error().hint.contains("GOOGLE_CLOUD_LOCATION"));
  EXPECT_EQ(check_address(base).error().hint, "correct GOOGLE_VERTEX_BASE_URL");
}

TEST(Vertex, IsAskedWithATokenInsideTheProject) {
  const ScriptedServer server({{200, kHello}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);

  const auto turn = (*model)->answer({.messages = kQuestion, .tools = {}}, nullptr);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, "hello");
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].target,
            "/v1/projects/my-project/locations/global/publishers/google/models/m:generateContent");
  EXPECT_EQ(asked[0]["authorization"], "Bearer ya29.token");
  EXPECT_EQ(asked[0]["x-goog-api-key"], "");
  EXPECT_EQ(asked[0]["x-goog-user-project"], "");  // the address says who pays
}

TEST(Vertex, ExpressModeNeedsAKeyAndNoProject) {
  const ScriptedServer server({{200, kHello}});
  GeminiOptions options = options_for(server.url());
  options.access_token = "";
  options.project = "";
  options.api_key = "express-key";
  auto model = open_gemini_model(options);
  ASSERT_TRUE(model);

  EXPECT_TRUE((*model)->answer({.messages = kQuestion, .tools = {}}, nullptr));

  EXPECT_EQ(server.asked()[0].target, "/v1/publishers/google/models/m:generateContent");
  EXPECT_EQ(server.asked()[0]["x-goog-api-key"], "express-key");
  EXPECT_EQ(server.asked()[0]["authorization"], "");
}

TEST(Vertex, SaysWhatIsMissing) {
  GeminiOptions nothing = options_for("");
  nothing.access_token = "";
  GeminiOptions homeless = options_for("");
  homeless.project = "";
  GeminiOptions strange = options_for("");
  strange.access_token = "two\nlines";

  EXPECT_EQ(open_gemini_model(nothing).error().message,
            "there is no token and no key for `vertex/m`");
  EXPECT_TRUE(open_gemini_model(nothing).error().hint.contains("GOOGLE_OAUTH_ACCESS_TOKEN"));
  EXPECT_EQ(open_gemini_model(homeless).error().message, "there is no project for `vertex/m`");
  EXPECT_TRUE(open_gemini_model(homeless).error().hint.contains("GOOGLE_CLOUD_PROJECT"));
  EXPECT_EQ(open_gemini_model(strange).error().message,
            "the token has a blank or a character in it that no token has");
}

TEST(Vertex, ARefusedTokenIsNotShownAndSaysHowToGetAnother) {
  const ScriptedServer server(
      {{401,
        R"({"error":{"code":401,"message":"Request had invalid credentials: ya29.token","status":"UNAUTHENTICATED"}})"}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);

  const auto turn = (*model)->answer({.messages = kQuestion, .tools = {}}, nullptr);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::unauthorized);
  EXPECT_FALSE(turn.error().message.contains(kToken)) << turn.error().message;
  EXPECT_TRUE(turn.error().hint.contains("gcloud auth print-access-token")) << turn.error().hint;
}

TEST(Vertex, AWrongBaseAddressIsCalledByItsOwnVariable) {
  const ScriptedServer server({{200, "<html>"}, {404, "<html>"}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);

  for (int n = 0; n < 2; ++n) {
    const auto turn = (*model)->answer({.messages = kQuestion, .tools = {}}, nullptr);

    ASSERT_FALSE(turn);
    EXPECT_EQ(turn.error().hint, "check the base address of the API (GOOGLE_VERTEX_BASE_URL)");
  }
}

TEST(Vertex, CountsWithTheFieldsThatItsCountingTakes) {
  const ScriptedServer server({{200, R"({"totalTokens":5,"totalBillableCharacters":9})"}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);
  const std::vector<call::ToolSpec> tools = {
      {.name = "f",
       .description = "F.",
       .input_schema = "{}",
       .declarations = {"", R"({"name":"f","description":"F."})"}}};

  const auto count = (*model)->count_tokens(
      {.messages = kQuestion, .tools = tools, .system = "Be brief.", .temperature = 0.5});

  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 5);
  const auto asked = server.asked();
  EXPECT_TRUE(asked[0].target.ends_with("/publishers/google/models/m:countTokens"));
  const auto body = json::Document::parse(asked[0].body);
  ASSERT_TRUE(body);
  std::vector<std::string> keys;
  for (const auto& [key, value] : body->root().members()) keys.emplace_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"contents", "systemInstruction", "tools",
                                            "generationConfig"}));
}

TEST(Vertex, ListsGooglesModelsThatAreNamedGemini) {
  const ScriptedServer server(
      {{200, R"({"publisherModels":[{"name":"publishers/google/models/gemini-b"},)"
             R"({"name":"publishers/google/models/imagen-4"},)"
             R"({"name":"publishers/google/models/gemini-embedding-1"},)"
             R"({"name":"publishers/google/models/gemini-a"}]})"}});

  const auto models = list_gemini_models(options_for(server.url()));

  ASSERT_TRUE(models) << models.error().message;
  ASSERT_EQ(models->size(), 2U);
  EXPECT_EQ(models->at(0).name, "gemini-a");
  EXPECT_EQ(models->at(1).name, "gemini-b");
  EXPECT_EQ(server.asked()[0].target, "/v1beta1/publishers/google/models?pageSize=200");
  EXPECT_EQ(server.asked()[0]["x-goog-user-project"], "my-project");
}

}  // namespace
}  // namespace atonce::model
