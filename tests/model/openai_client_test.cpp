#include "model/openai_client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "model/scripted_server.h"
#include "protocol/message.h"

namespace atonce::model {
namespace {

constexpr char kHello[] =
    R"({"choices":[{"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]})";
constexpr char kResponse[] =
    R"({"id":"r","object":"response","status":"completed","output":[{"type":"message",)"
    R"("role":"assistant","content":[{"type":"output_text","text":"hello"}]}]})";

const std::vector<protocol::Message> kQuestion = {protocol::UserText{"hi"}};
const std::vector<call::ToolSpec> kTools = {
    {.name = "f",
     .description = "F.",
     .input_schema = "{}",
     .declarations = {"", "", R"({"type":"function","function":{"name":"f"}})"}}};

OpenAiOptions options_for(const std::string& url, OpenAiApi api = OpenAiApi::chat_completions) {
  OpenAiOptions options{
      .specification = "openai/m", .model = "m", .api = api, .api_key = "sk-key", .base_url = url};
  options.http.proxies = {};
  options.http.timeout = 20s;
  return options;
}

std::unique_ptr<Model> open(OpenAiOptions options) {
  auto model = open_openai_model(std::move(options));
  EXPECT_TRUE(model);
  return *std::move(model);
}

Result<protocol::ModelTurn> ask(Model& model, protocol::StreamListener* listener = nullptr) {
  return model.answer({.messages = kQuestion, .tools = kTools}, listener);
}

bool says(const http::Received& asked, std::string_view text) { return asked.body.contains(text); }

TEST(OpenAiClient, TellsServersOtherThanOpenAisThatCallsMayBeParallel) {
  const ScriptedServer server({{200, kHello}});

  EXPECT_TRUE(ask(*open(options_for(server.url("/v1/")))));

  EXPECT_EQ(server.asked()[0].target, "/v1/chat/completions");
  EXPECT_EQ(server.asked()[0]["authorization"], "Bearer sk-key");
  EXPECT_TRUE(says(server.asked()[0], R"("parallel_tool_calls":true)"));
}

TEST(OpenAiClient, LeavesOutFromThenOnWhatAServerRefusesToBeTold) {
  const std::string refusal =
      R"({"error":{"code":400,"message":"Invalid JSON payload received. Unknown name )"
      R"(\"parallel_tool_calls\": Cannot find field.","status":"INVALID_ARGUMENT"}})";
  const ScriptedServer server({{400, refusal}, {200, kHello}});
  const auto model = open(options_for(server.url()));

  const auto first = ask(*model);
  const auto second = ask(*model);

  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(second);
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_FALSE(says(asked[1], "parallel_tool_calls"));
  EXPECT_FALSE(says(asked[2], "parallel_tool_calls"));
}

TEST(OpenAiClient, DoesNotAskForUsageInAStreamWhereThatIsRefused) {
  const ScriptedServer server(
      {{422, R"({"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs"}]})"},
       {200, "data: " + std::string(kHello) + "\n\ndata: [DONE]\n\n"}});
  protocol::StreamListener nobody;

  const auto turn = ask(*open(options_for(server.url())), &nobody);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, "hello");
  EXPECT_TRUE(says(server.asked()[0], "stream_options"));
  EXPECT_FALSE(says(server.asked()[1], "stream_options"));
}

TEST(OpenAiClient, AsksOnceMoreOnlyForWhatTheRefusalIsAbout) {
  const ScriptedServer server({{400, R"({"error":{"message":"no","param":"tools[0]"}})"}});

  const auto turn = ask(*open(options_for(server.url())));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::refused);
  EXPECT_EQ(server.asked().size(), 1U);
}

TEST(OpenAiClient, AsksForReasoningOnlyWhereAModelMayHaveSome) {
  const ScriptedServer server({{200, kResponse}});
  OpenAiOptions plain = options_for(server.url(), OpenAiApi::responses);
  plain.model = "gpt-4.1-mini";
  OpenAiOptions thinking = options_for(server.url(), OpenAiApi::responses);
  thinking.model = "gpt-5";

  EXPECT_TRUE(ask(*open(plain)));
  EXPECT_TRUE(ask(*open(thinking)));

  EXPECT_FALSE(says(server.asked()[0], "reasoning.encrypted_content"));
  EXPECT_TRUE(says(server.asked()[1], "reasoning.encrypted_content"));
}

TEST(OpenAiClient, LearnsFromARefusalThatAModelDoesNotReason) {
  const ScriptedServer server(
      {{400, R"({"error":{"message":"Encrypted content is not supported with this model.",)"
             R"("type":"invalid_request_error","param":"include","code":null}})"},
       {200, kResponse}});

  const auto turn = ask(*open(options_for(server.url(), OpenAiApi::responses)));

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, "hello");
  EXPECT_FALSE(says(server.asked()[1], "encrypted_content"));
}

TEST(OpenAiClient, DoesNotAskAgainWhenThereIsNoCreditLeft) {
  const ScriptedServer server(
      {{429, R"({"error":{"message":"You exceeded your current quota.",)"
             R"("type":"insufficient_quota","param":null,"code":"insufficient_quota"}})"}});
  JumpingClock clock;
  OpenAiOptions options = options_for(server.url());
  options.http.clock = &clock;

  const auto turn = ask(*open(options));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::refused);
  EXPECT_TRUE(turn.error().hint.contains("credit")) << turn.error().hint;
  EXPECT_TRUE(clock.waits.empty());
  EXPECT_EQ(server.asked().size(), 1U);
}

TEST(OpenAiClient, AsksAgainWhenThereAreTooManyRequests) {
  const ScriptedServer server(
      {{429, R"({"error":{"message":"Rate limit reached. Please try again in 1.5s.",)"
             R"("type":"tokens","code":"rate_limit_exceeded"}})"},
       {200, kHello}});
  JumpingClock clock;
  OpenAiOptions options = options_for(server.url());
  options.http.clock = &clock;

  EXPECT_TRUE(ask(*open(options)));
  EXPECT_EQ(clock.waits, (std::vector<std::chrono::milliseconds>{1500ms}));
}

TEST(OpenAiClient, TakesACallThatTheServerFoundMalformedForATurn) {
  const std::string refusal =
      R"({"error":{"message":"Failed to call a function.","type":"invalid_request_error",)"
      R"("code":"tool_use_failed","failed_generation":"<function=f\n{x}>)" +
      std::string(5000, 'x') + R"("}})";
  const ScriptedServer server({{400, refusal}});
  protocol::StreamListener nobody;
  const auto model = open(options_for(server.url()));

  for (protocol::StreamListener* listener :
       {static_cast<protocol::StreamListener*>(nullptr), &nobody}) {
    const auto turn = ask(*model, listener);

    ASSERT_TRUE(turn) << turn.error().message;
    EXPECT_EQ(turn->finish, protocol::Finish::malformed_call);
    EXPECT_TRUE(turn->finish_detail.starts_with("tool_use_failed: <function=f {x}>x"));
    EXPECT_LT(turn->finish_detail.size(), 700U);
    EXPECT_TRUE(turn->calls.empty() && turn->text.empty());
  }
}

TEST(OpenAiClient, ListsTheModelsOfEveryKindOfServer) {
  const ScriptedServer server(
      {{200, R"({"object":"list","data":[{"id":"b","object":"model"},{"id":"a"}]})"},
       {200, R"([{"id":"c","name":"See","context_length":8192}])"},
       {200, "<html>"}});

  const auto openai = list_openai_models(options_for(server.url("/v1")));
  const auto array = list_openai_models(options_for(server.url("/v1")));
  const auto page = list_openai_models(options_for(server.url("/v1")));

  ASSERT_TRUE(openai) << openai.error().message;
  ASSERT_EQ(openai->size(), 2U);
  EXPECT_EQ(openai->at(0).name, "a");
  EXPECT_EQ(openai->at(1).name, "b");
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_EQ(array->at(0).display_name, "See");
  EXPECT_EQ(array->at(0).input_token_limit, 8192);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::bad_response);
  EXPECT_EQ(server.asked()[0].method, "GET");
  EXPECT_EQ(server.asked()[0].target, "/v1/models");
}

TEST(OpenAiClient, NeedsAKeyForOpenAisOwnAddressHoweverItIsGiven) {
  for (const char* base : {"", "https://api.openai.com/v1/"}) {
    OpenAiOptions options = options_for(base);
    options.api_key = "";
    EXPECT_EQ(open_openai_model(options).error().code, ErrorCode::unauthorized) << base;
  }
}

}  // namespace
}  // namespace atonce::model
