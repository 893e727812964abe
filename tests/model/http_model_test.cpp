#include "model/http_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "http/loopback_server.h"
#include "model/gemini_client.h"
#include "model/openai_client.h"
#include "model/scripted_server.h"
#include "protocol/message.h"

namespace atonce::model {
namespace {

using http::LoopbackServer;
using protocol::Finish;
using protocol::ProviderTool;

constexpr char kEventHead[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

const std::vector<protocol::Message> kQuestion = {protocol::UserText{"hi"}};

HttpModelOptions http_options(Clock* clock = nullptr) {
  return {.proxies = {}, .timeout = 20s, .clock = clock, .random = [] { return 0.0; }};
}

std::unique_ptr<Model> open_gemini(const std::string& url, Clock* clock = nullptr) {
  auto model = open_gemini_model({.specification = "gemini/m",
                                  .model = "m",
                                  .api_key = "key",
                                  .base_url = url,
                                  .http = http_options(clock)});
  EXPECT_TRUE(model);
  return *std::move(model);
}

Result<protocol::ModelTurn> ask(Model& model, protocol::StreamListener* listener = nullptr) {
  return model.answer({.messages = kQuestion, .tools = {}}, listener);
}

class Told final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override { text += piece; }
  void on_call(const call::Call& call) override { calls.push_back(call.name); }

  std::string text;
  std::vector<std::string> calls;
};

// A piece of an answer, with how it ends and what it may be asked on with.
std::string piece(const std::string& part, const std::string& more) {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + part + "]}," + more +
         R"(}],"usageMetadata":{"totalTokenCount":10}})";
}

std::string first_piece() {
  return piece(R"({"text":"one "})", R"("finishReason":"CONTINUATION","continuationToken":"dG9r")");
}

std::string last_piece() {
  return piece(R"({"functionCall":{"name":"f"}})", R"("finishReason":"STOP")");
}

TEST(HttpModel, AsksOnAnAnswerThatStoppedHalfWay) {
  const ScriptedServer server({{200, first_piece()}, {200, last_piece()}});

  const auto turn = ask(*open_gemini(server.url()));

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, "one ");
  ASSERT_EQ(turn->calls.size(), 1U);
  EXPECT_EQ(turn->calls[0].name, "f");
  EXPECT_EQ(turn->finish, Finish::stop);
  EXPECT_EQ(turn->usage.total_tokens, 20);
  EXPECT_EQ(turn->continuation_token, "");
  EXPECT_EQ(turn->raw_content,
            R"({"role":"model","parts":[{"text":"one "},{"functionCall":{"name":"f"}}]})");
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[1].body,
            asked[0].body.substr(0, asked[0].body.size() - 1) + R"(,"continuationToken":"dG9r"})");
}

TEST(HttpModel, TellsTheSameListenerOfAllPiecesOfAStreamedAnswer) {
  const ScriptedServer server(
      {{200, "data: " + first_piece() + "\r\n\r\n"}, {200, "data: " + last_piece() + "\r\n\r\n"}});
  Told told;

  const auto turn = ask(*open_gemini(server.url()), &told);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(told.text, "one ");
  EXPECT_EQ(told.calls, (std::vector<std::string>{"f"}));
  EXPECT_EQ(turn->text, "one ");
  EXPECT_EQ(turn->calls.size(), 1U);
}

TEST(HttpModel, GivesWhatThereIsOfAnAnswerThatNeverEnds) {
  const ScriptedServer server({{200, first_piece()}});

  const auto turn = ask(*open_gemini(server.url()));

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(server.asked().size(), 1U + kMostContinuations);
  EXPECT_EQ(turn->text, "one one one one one one one one one ");
  EXPECT_EQ(turn->finish, Finish::length);
  EXPECT_EQ(turn->finish_detail, "the answer was still not complete after it was asked on 8 times");
  EXPECT_EQ(turn->continuation_token, "");
  EXPECT_EQ(turn->usage.total_tokens, 90);
}

TEST(HttpModel, FailsWhenTheRestOfAnAnswerIsRefused) {
  const ScriptedServer server({{200, first_piece()}, {400, "{}"}});

  const auto turn = ask(*open_gemini(server.url()));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::refused);
}

TEST(HttpModel, StopsReadingAStreamThatItCannotRead) {
  const LoopbackServer server([](LoopbackServer::Peer& peer) {
    if (!peer.read()) return;
    peer.write(std::string(kEventHead) + "data: no JSON\r\n\r\n");
    peer.wait_until_closed();  // and sends nothing more
  });
  Told told;

  const auto turn = ask(*open_gemini(server.url("")), &told);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::bad_response) << turn.error().message;
}

// The server's own error comes as an event, after what `before` says.
Result<protocol::ModelTurn> ask_through_overload(const std::string& before, Told& told,
                                                 JumpingClock& clock) {
  int requests = 0;
  const LoopbackServer server([&](LoopbackServer::Peer& peer) {
    if (!peer.read()) return;
    const bool is_first = ++requests == 1;
    const std::string overload =
        R"(data: {"error":{"code":503,"message":"Busy.","status":"UNAVAILABLE"}})"
        "\r\n\r\n";
    peer.write(kEventHead + (is_first ? before + overload : "data: " + last_piece() + "\r\n\r\n"));
  });
  return ask(*open_gemini(server.url(""), &clock), &told);
}

TEST(HttpModel, AsksAgainWhenAStreamFailsBeforeItHasSaidAnything) {
  Told told;
  JumpingClock clock;

  const auto turn = ask_through_overload("", told, clock);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(told.calls, (std::vector<std::string>{"f"}));
  EXPECT_EQ(clock.waits.size(), 1U);
}

TEST(HttpModel, DoesNotAskAgainOnceAPartOfTheAnswerHasBeenTold) {
  Told told;
  JumpingClock clock;

  const auto turn = ask_through_overload(
      "data: " + piece(R"({"text":"We"})", R"("index":0)") + "\r\n\r\n", told, clock);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::unavailable);
  EXPECT_EQ(told.text, "We");
  EXPECT_TRUE(clock.waits.empty());
}

protocol::ModelRequest request_with(std::vector<ProviderTool> tools) {
  return {.messages = kQuestion, .tools = {}, .provider_tools = std::move(tools)};
}

std::unique_ptr<Model> open_openai(OpenAiApi api) {
  auto model = open_openai_model({.specification = "openai/m",
                                  .model = "m",
                                  .api = api,
                                  .base_url = "http://127.0.0.1:1/v1",
                                  .http = http_options()});
  EXPECT_TRUE(model);
  return *std::move(model);
}

TEST(HttpModel, KnowsWhichProvidersToolsItsWireHas) {
  const auto gemini = open_gemini("http://127.0.0.1:1");
  const auto chat = open_openai(OpenAiApi::chat_completions);
  const auto responses = open_openai(OpenAiApi::responses);

  EXPECT_TRUE(gemini->check(request_with(
      {ProviderTool::search, ProviderTool::code_execution, ProviderTool::url_context})));
  EXPECT_TRUE(responses->check(request_with({ProviderTool::search, ProviderTool::code_execution})));
  const auto url = responses->check(request_with({ProviderTool::url_context}));
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().code, ErrorCode::bad_input);
  EXPECT_TRUE(url.error().message.contains("`url-context`"));
  const auto search = chat->check(request_with({ProviderTool::search}));
  ASSERT_FALSE(search);
  EXPECT_EQ(search.error().message, "`openai/m` has no provider's tool `search`");
  EXPECT_TRUE(search.error().hint.contains("openai-responses/NAME"));
}

TEST(HttpModel, KnowsWhichFilesItsWireHasAWayToTake) {
  const auto gemini = open_gemini("http://127.0.0.1:1");
  const auto chat = open_openai(OpenAiApi::chat_completions);
  const auto responses = open_openai(OpenAiApi::responses);
  const auto takes = [](const Model& model, const std::string& type) {
    const std::vector<protocol::Message> messages = {
        protocol::UserText{"look", {{.name = "it", .media_type = type, .data = "YQ=="}}}};
    return model.check({.messages = messages, .tools = {}}).has_value();
  };

  EXPECT_TRUE(takes(*gemini, "image/png") && takes(*gemini, "video/mp4"));
  EXPECT_TRUE(takes(*chat, "audio/wav") && !takes(*chat, "audio/flac"));
  EXPECT_TRUE(takes(*responses, "application/pdf") && !takes(*responses, "audio/wav"));
}

TEST(HttpModel, OnlyTheNewestQuestionsFilesCount) {
  const auto chat = open_openai(OpenAiApi::chat_completions);
  std::vector<protocol::Message> messages = {
      protocol::UserText{"hear", {{.name = "a.mp4", .media_type = "video/mp4", .data = "YQ=="}}}};

  const auto refused = chat->answer({.messages = messages, .tools = {}}, nullptr);
  messages.emplace_back(protocol::UserText{"and now?"});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "`openai/m` has no way to take the file `a.mp4`, video/mp4");
  EXPECT_TRUE(chat->check({.messages = messages, .tools = {}}));
}

}  // namespace
}  // namespace atonce::model
