#include "model/gemini_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "http/loopback_server.h"
#include "model/scripted_server.h"
#include "protocol/message.h"

namespace atonce::model {
namespace {

using namespace std::chrono_literals;
using http::LoopbackServer;
using Peer = LoopbackServer::Peer;

constexpr char kKey[] = "AIzaTestKey123";
constexpr char kHello[] =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}]})";
constexpr char kOverloaded[] =
    R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})";

GeminiOptions options_for(const std::string& url) {
  GeminiOptions options{
      .specification = "gemini/m", .model = "m", .api_key = kKey, .base_url = url};
  options.http.proxies = {};
  options.http.timeout = 20s;
  options.http.random = [] { return 0.0; };
  return options;
}

const std::vector<protocol::Message> kQuestion = {protocol::UserText{"hi"}};

Result<protocol::ModelTurn> ask(Model& model) {
  return model.answer({.messages = kQuestion, .tools = {}}, nullptr);
}

// Opens a model with these options and asks it once.
Result<protocol::ModelTurn> ask(GeminiOptions options) {
  auto model = open_gemini_model(std::move(options));
  if (!model) return std::unexpected(model.error());
  return ask(**model);
}

TEST(GeminiClient, AsksForContentWithTheKeyInAHeaderAndReadsTheAnswer) {
  const ScriptedServer server({{200, kHello}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);

  const auto turn = ask(**model);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->text, "hello");
  EXPECT_EQ((*model)->name(), "gemini/m");
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].target, "/v1beta/models/m:generateContent");
  EXPECT_EQ(asked[0]["content-type"], "application/json");
  EXPECT_EQ(asked[0]["x-goog-api-key"], kKey);
  EXPECT_EQ(asked[0].body, R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})");
}

TEST(GeminiClient, FindsTheEndpointFromEverySpellingOfAddressAndModel) {
  const ScriptedServer server({{200, kHello}});
  const std::vector<std::tuple<std::string, std::string, std::string>> spellings = {
      {"", "m", "/v1beta/models/m"},
      {"/", "m", "/v1beta/models/m"},
      {"/v1beta", "m", "/v1beta/models/m"},
      {"/v1/", "m", "/v1/models/m"},
      {"/v1beta1", "m", "/v1beta1/models/m"},
      {"/v1alpha", "m", "/v1alpha/models/m"},
      {"/vendor/api", "m", "/vendor/api/v1beta/models/m"},
      {"/vendor", "m", "/vendor/v1beta/models/m"},
      {"/vendor/v1beta//", "m", "/vendor/v1beta/models/m"},
      {"", "models/m", "/v1beta/models/m"},
      {"", "tunedModels/t-1", "/v1beta/tunedModels/t-1"},
      {"", "odd name?", "/v1beta/models/odd%20name%3F"}};

  for (const auto& [path, model, expected] : spellings) {
    GeminiOptions options = options_for(server.url(path));
    options.model = model;
    EXPECT_TRUE(ask(options));
    EXPECT_EQ(server.asked().back().target, expected + ":generateContent") << path << " " << model;
  }
}

TEST(GeminiClient, UsesOneConnectionForAConversation) {
  std::atomic<int> requests = 0;
  const LoopbackServer server([&](Peer& peer) {
    while (peer.read()) {
      ++requests;
      peer.answer(200, kHello);
    }
  });
  auto model = open_gemini_model(options_for(server.url("")));
  ASSERT_TRUE(model);

  EXPECT_TRUE(ask(**model));
  EXPECT_TRUE(ask(**model));

  EXPECT_EQ(requests, 2);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(GeminiClient, SaysWhereToGetAKeyWhenThereIsNone) {
  GeminiOptions options = options_for("");
  options.api_key = "";

  const auto model = open_gemini_model(options);

  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::unauthorized);
  EXPECT_TRUE(model.error().hint.contains("https://aistudio.google.com/apikey"));
  EXPECT_TRUE(model.error().hint.contains("GEMINI_API_KEY"));
}

TEST(GeminiClient, RefusesAKeyAModelAndAnAddressThatCannotBeUsed) {
  GeminiOptions key = options_for("");
  key.api_key = "abc\n";
  GeminiOptions name = options_for("");
  name.model = "";
  const GeminiOptions address = options_for("localhost:8080");

  EXPECT_EQ(open_gemini_model(key).error().code, ErrorCode::unauthorized);
  EXPECT_FALSE(open_gemini_model(key).error().message.contains("abc"));
  EXPECT_EQ(open_gemini_model(name).error().code, ErrorCode::bad_input);
  EXPECT_EQ(open_gemini_model(address).error().code, ErrorCode::bad_input);
  EXPECT_TRUE(open_gemini_model(address).error().hint.contains("GOOGLE_GEMINI_BASE_URL"));
}

TEST(GeminiClient, AsksAgainAfterEachStatusThatMayPassAndDoublesTheWait) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    const ScriptedServer server({{status, kOverloaded}, {status, ""}, {200, kHello}});
    JumpingClock clock;
    GeminiOptions options = options_for(server.url());
    options.http.clock = &clock;
    std::vector<std::string> told;
    options.http.on_retry = [&](const Error& error, std::chrono::milliseconds delay) {
      told.push_back(error.message + " / " + std::to_string(delay.count()));
    };

    const auto turn = ask(options);

    ASSERT_TRUE(turn) << turn.error().message;
    EXPECT_EQ(turn->text, "hello");
    EXPECT_EQ(clock.waits, (std::vector<std::chrono::milliseconds>{1s, 2s}));
    EXPECT_EQ(server.asked().size(), 3U);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[1],
              "the server answered " + std::to_string(status) + " and nothing else / 2000");
  }
}

TEST(GeminiClient, GivesUpAfterTheLastAttemptWithTheLastError) {
  const ScriptedServer server({{503, kOverloaded}});
  JumpingClock clock;
  GeminiOptions options = options_for(server.url());
  options.http.clock = &clock;

  const auto turn = ask(options);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::unavailable);
  EXPECT_EQ(turn.error().message, "Gemini answered 503 UNAVAILABLE: The model is overloaded.");
  EXPECT_EQ(server.asked().size(), 5U);
  EXPECT_EQ(clock.waits, (std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s}));
}

TEST(GeminiClient, WaitsAsLongAsTheServerAsks) {
  const std::string quota =
      R"({"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}})";
  const ScriptedServer server({{429, quota, "Retry-After: 3\r\n"},
                               {503, kOverloaded, "retry-after: 7\r\n"},
                               {503, kOverloaded, "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"},
                               {200, kHello}});
  JumpingClock clock;
  GeminiOptions options = options_for(server.url());
  options.http.clock = &clock;

  ASSERT_TRUE(ask(options));

  EXPECT_EQ(clock.waits, (std::vector<std::chrono::milliseconds>{34070ms, 7s, 4s}));
}

TEST(GeminiClient, DoesNotWaitLongerThanItsPatience) {
  const ScriptedServer server({{429, "", "Retry-After: 3600\r\n"}, {200, kHello}});
  JumpingClock clock;
  GeminiOptions options = options_for(server.url());
  options.http.clock = &clock;

  const auto turn = ask(options);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(clock.waits.empty());
}

TEST(GeminiClient, DoesNotAskAgainWhatWasRefused) {
  for (const int status : {400, 401, 403, 404, 409, 501}) {
    const ScriptedServer server({{status, "{}"}, {200, kHello}});
    JumpingClock clock;
    GeminiOptions options = options_for(server.url());
    options.http.clock = &clock;

    EXPECT_FALSE(ask(options)) << status;
    EXPECT_EQ(server.asked().size(), 1U) << status;
  }
}

TEST(GeminiClient, NeverShowsTheKeyThatAServerRepeats) {
  const ScriptedServer server(
      {{403, R"({"error":{"code":403,"message":"Consumer 'api_key:AIzaTestKey123' has been )"
             R"(suspended, AIzaTestKey123.","status":"PERMISSION_DENIED"}})"}});

  const auto turn = ask(options_for(server.url()));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(turn.error().message,
            "Gemini answered 403 PERMISSION_DENIED: Consumer 'api_key:(the key)' has been "
            "suspended, (the key).");
}

TEST(GeminiClient, SaysThatAWebPageIsNoAnswer) {
  const ScriptedServer server({{200, "<html>a captive portal</html>"}});

  const auto turn = ask(options_for(server.url()));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  EXPECT_EQ(turn.error().message, "the server answered with a web page, not with Gemini's JSON");
}

TEST(GeminiClient, DoesNotAskAgainAfterAnAnswerThatBrokeOff) {
  std::atomic<int> requests = 0;
  const LoopbackServer server([&](Peer& peer) {
    if (!peer.read()) return;
    ++requests;
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"candidates\"");
  });

  const auto turn = ask(options_for(server.url("")));

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  EXPECT_TRUE(turn.error().message.contains("13 of 100 bytes")) << turn.error().message;
  EXPECT_EQ(requests, 1);
}

TEST(GeminiClient, ConnectsAgainWhenAConnectionFailsBeforeAnAnswer) {
  std::atomic<int> connections = 0;
  const LoopbackServer server([&](Peer& peer) {
    if (++connections < 3) return;  // closes at once
    if (peer.read()) peer.answer(200, kHello);
  });
  JumpingClock clock;
  GeminiOptions options = options_for(server.url(""));
  options.http.clock = &clock;

  const auto turn = ask(options);

  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(connections, 3);
  EXPECT_EQ(clock.waits.size(), 2U);
}

TEST(GeminiClient, GivesUpOnAServerThatTakesForEver) {
  const LoopbackServer server([](Peer& peer) {
    if (peer.read()) peer.wait_until_closed();
  });
  GeminiOptions options = options_for(server.url(""));
  options.http.timeout = 60ms;

  const auto turn = ask(options);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::timed_out);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(GeminiClient, IsCancelledWhileTheServerThinksAndStaysSo) {
  std::latch has_asked{1};
  const LoopbackServer server([&](Peer& peer) {
    if (!peer.read()) return;
    has_asked.count_down();
    peer.wait_until_closed();
  });
  auto model = open_gemini_model(options_for(server.url("")));
  ASSERT_TRUE(model);
  std::thread canceller([&] {
    has_asked.wait();
    (*model)->cancel();
  });

  const auto turn = ask(**model);
  canceller.join();
  const auto later = ask(**model);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::cancelled);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::cancelled);
}

TEST(GeminiClient, IsCancelledWhileItWaitsToAskAgain) {
  const ScriptedServer server({{429, "", "Retry-After: 100\r\n"}});
  std::latch is_waiting{1};
  GeminiOptions options = options_for(server.url());  // with the real clock
  options.http.on_retry = [&](const Error&, std::chrono::milliseconds) { is_waiting.count_down(); };
  auto model = open_gemini_model(options);
  ASSERT_TRUE(model);
  std::thread canceller([&] {
    is_waiting.wait();
    (*model)->cancel();
  });

  const auto turn = ask(**model);
  canceller.join();

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::cancelled);
  EXPECT_EQ(server.asked().size(), 1U);
}

TEST(GeminiClient, SendsATokenInPlaceOfAKeyAndSaysWhoPays) {
  const ScriptedServer server({{200, kHello}});
  GeminiOptions options = options_for(server.url());
  options.api_key = "";
  options.access_token = "ya29.token";
  options.project = "my-project";

  EXPECT_TRUE(ask(options));

  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].target, "/v1beta/models/m:generateContent");
  EXPECT_EQ(asked[0]["authorization"], "Bearer ya29.token");
  EXPECT_EQ(asked[0]["x-goog-user-project"], "my-project");
  EXPECT_EQ(asked[0]["x-goog-api-key"], "");
}

TEST(GeminiClient, CountsAllThatItWouldSend) {
  const ScriptedServer server({{200, R"({"totalTokens":5})"}, {404, "{}"}});
  auto model = open_gemini_model(options_for(server.url()));
  ASSERT_TRUE(model);

  const auto count = (*model)->count_tokens({.messages = kQuestion, .tools = {}});
  const auto refused = (*model)->count_tokens({.messages = kQuestion, .tools = {}});

  EXPECT_EQ(count, 5);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  const auto asked = server.asked();
  EXPECT_EQ(asked[0].target, "/v1beta/models/m:countTokens");
  EXPECT_TRUE(asked[0].body.starts_with(R"({"generateContentRequest":{"model":"models/m",)"));
}

TEST(GeminiClient, InteractionsDoNotCount) {
  GeminiOptions options = options_for("http://127.0.0.1:1");
  options.api = GeminiApi::interactions;
  auto model = open_gemini_model(options);
  ASSERT_TRUE(model);

  const auto count = (*model)->count_tokens({.messages = kQuestion, .tools = {}});

  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::not_found);
}

TEST(GeminiClient, ListsWhatMakesContentFromAllPagesInOrder) {
  const ScriptedServer server(
      {{200, R"({"models":[{"name":"models/b","displayName":"B","inputTokenLimit":7,)"
             R"("supportedGenerationMethods":["generateContent"]},)"
             R"({"name":"models/e","supportedGenerationMethods":["embedContent"]}],)"
             R"("nextPageToken":"a/b&c"})"},
       {503, kOverloaded},
       {200, R"({"models":[{"name":"models/a",)"
             R"("supportedGenerationMethods":["countTokens","generateContent"]}]})"}});
  JumpingClock clock;
  GeminiOptions options = options_for(server.url());
  options.http.clock = &clock;

  const auto models = list_gemini_models(options);

  ASSERT_TRUE(models) << models.error().message;
  ASSERT_EQ(models->size(), 2U);
  EXPECT_EQ(models->at(0).name, "a");
  EXPECT_EQ(models->at(1).name, "b");
  EXPECT_EQ(models->at(1).display_name, "B");
  EXPECT_EQ(models->at(1).input_token_limit, 7);
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].method, "GET");
  EXPECT_EQ(asked[0].target, "/v1beta/models?pageSize=1000");
  EXPECT_EQ(asked[2].target, "/v1beta/models?pageSize=1000&pageToken=a%2Fb%26c");
  EXPECT_EQ(asked[0]["x-goog-api-key"], kKey);
}

TEST(GeminiClient, GivesUpOnAListWithoutAnEnd) {
  const ScriptedServer server({{200, R"({"models":[],"nextPageToken":"again"})"}});

  const auto models = list_gemini_models(options_for(server.url()));

  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().message, "the server's list of models has more than 50 pages");
  EXPECT_EQ(server.asked().size(), 50U);
}

}  // namespace
}  // namespace atonce::model
