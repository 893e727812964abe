#include "serve/mcp_service.h"

#include <gtest/gtest.h>

#include <latch>

#include "base/base64.h"
#include "serve/fakes.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;
using call::Call;
using call::Role;
using FakeService = Service<engine::FakeClock>;

// What every modern result says of the server.
const std::string kServer =
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"tests","version":"1.0"}})";

// Gives back its arguments.
call::Outcome echo(const Call& call, CallControl&) { return call::Returned{call.arguments}; }

call::ToolSpec offer(Role role, const std::string& name, const std::string& subject) {
  return {.name = name,
          .description = "",
          .input_schema = "{}",
          .declarations = {"", "", "", R"({"name":")" + subject + R"("})"},
          .role = role,
          .subject = subject};
}

struct Everything : FakeService {
  Everything() {
    add_tool("echo", echo);
    add(offer(Role::prompt, "prompt greet", "greet"),
        [](const Call& call, CallControl&) -> call::Outcome {
          if (call.arguments == "{}") return call::Invalid{"invalid_arguments", "/name: missing"};
          return call::Returned{R"({"messages":[)" + call.arguments + "]}"};
        });
    add(offer(Role::resource, "resource test://a", "test://a"),
        returns(R"([{"uri":"test://a","text":"A"}])"));
    add(offer(Role::resource_template, "template test://{id}/data", "test://{id}/data"),
        [](const Call& call, CallControl&) { return call::Returned{"[" + call.arguments + "]"}; });
    add(offer(Role::completion, "completion prompt greet name", ""),
        [](const Call& call, CallControl&) {
          return call::Returned{"[" + json::quoted(call.arguments) + "]"};
        });
    open();
  }
};

// ---- which methods there are

TEST(McpMethods, ThatWereRemovedAreNotFoundAtTheNewestRevision) {
  Everything service;
  for (const std::string method :
       {"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
        "tasks/get", "tasks/list", "sampling/createMessage", "tools/nothing", "", "TOOLS/LIST"}) {
    const auto peer = service.ask(ModernRequest{.method = method, .id = R"("q")"});

    EXPECT_EQ(code_of(peer->answer()), "-32601") << method;
    EXPECT_EQ(at(peer->answer(), {"id"}), R"("q")") << method;
    EXPECT_EQ(peer->status(), 404) << method;
  }
}

TEST(McpMethods, ThatAreNewAreNotFoundInOlderRevisions) {
  Everything service;
  const auto session = service.open_session();
  for (const std::string method : {"server/discover", "subscriptions/listen", "initialize"}) {
    const auto peer = service.ask_in(session, legacy_request(method));

    EXPECT_EQ(code_of(peer->answer()), "-32601") << method;
    EXPECT_EQ(peer->status(), 200) << method;
  }
}

TEST(McpMethods, AreOnlyThoseOfWhatIsOffered) {
  FakeService service;
  service.add_tool("echo", echo);
  service.open();
  for (const std::string method : {"prompts/list", "prompts/get", "resources/list",
                                   "resources/templates/list", "resources/read"}) {
    EXPECT_EQ(code_of(service.ask(ModernRequest{.method = method})->answer()), "-32601") << method;
  }
  const std::string answer = service.ask(ModernRequest{.method = "server/discover"})->answer();
  EXPECT_EQ(at(answer, {"result", "capabilities", "prompts"}), "");
  EXPECT_EQ(at(answer, {"result", "capabilities", "resources"}), "");
}

TEST(McpMethods, TakeNoParametersButAnObject) {
  Everything service;
  const auto session = service.open_session();

  EXPECT_EQ(code_of(service.ask_in(session, legacy_request("tools/list", "[1]"))->answer()),
            "-32602");
}

// ---- what the server is

TEST(McpDiscover, SaysWhatThereIs) {
  Everything service;

  const auto peer = service.ask(ModernRequest{.method = "server/discover"});

  EXPECT_EQ(peer->answer(),
            R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":)"
            R"(["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"capabilities":)"
            R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":)"
            R"({"subscribe":true,"listChanged":true},"completions":{}},)"
            R"("instructions":"be kind","ttlMs":60000,"cacheScope":"public",)" +
                kServer + "}}");
  EXPECT_EQ(peer->status(), 200);
}

TEST(McpInitialize, AnswersWithItsRevision) {
  Everything service;

  const std::string result = service.mcp->initialize_result(Revision::v2025_06_18);

  EXPECT_EQ(at(result, {"protocolVersion"}), R"("2025-06-18")");
  EXPECT_EQ(at(result, {"serverInfo"}), R"({"name":"tests","version":"1.0"})");
  EXPECT_EQ(at(result, {"instructions"}), R"("be kind")");
  EXPECT_EQ(at(result, {"capabilities", "resources", "subscribe"}), "true");
  EXPECT_EQ(at(result, {"capabilities", "logging"}), "{}");
  EXPECT_EQ(at(result, {"capabilities", "completions"}), "{}");
  EXPECT_EQ(
      at(service.mcp->initialize_result(Revision::v2024_11_05), {"capabilities", "completions"}),
      "");
  EXPECT_EQ(at(result, {"resultType"}), "");
}

// ---- lists

TEST(McpList, SaysHowLongItHoldsAtTheNewestRevisionOnly) {
  Everything service;
  const auto session = service.open_session();
  for (const auto& [method, member] :
       {std::pair{"tools/list", "tools"}, std::pair{"prompts/list", "prompts"},
        std::pair{"resources/list", "resources"},
        std::pair{"resources/templates/list", "resourceTemplates"}}) {
    const std::string modern = service.ask(ModernRequest{.method = method})->answer();
    const std::string legacy = service.ask_in(session, legacy_request(method))->answer();

    EXPECT_EQ(at(modern, {"result", "resultType"}), R"("complete")") << method;
    EXPECT_EQ(at(modern, {"result", "ttlMs"}), "60000") << method;
    EXPECT_EQ(at(modern, {"result", "cacheScope"}), R"("public")") << method;
    EXPECT_NE(at(modern, {"result", member, "0"}), "") << method;
    EXPECT_EQ(legacy, R"({"jsonrpc":"2.0","id":1,"result":{")" + std::string(member) +
                          "\":" + at(modern, {"result", member}) + "}}");
  }
}

TEST(McpList, RefusesACursorThatIsNone) {
  Everything service;
  for (const std::string cursor : {"5", "\"\"", "\"x\"", "{}"}) {
    const auto peer =
        service.ask(ModernRequest{.method = "tools/list", .members = "\"cursor\":" + cursor});

    EXPECT_EQ(code_of(peer->answer()), "-32602") << cursor;
    EXPECT_EQ(peer->status(), 400) << cursor;
  }
  EXPECT_EQ(
      code_of(service.ask(ModernRequest{.method = "tools/list", .members = R"("cursor":null)"})
                  ->answer()),
      "");
}

// ---- tools

TEST(McpToolCall, AnswersWithItsResultAndId) {
  Everything service;

  const auto peer = service.ask(ModernRequest{
      .method = "tools/call", .members = R"("name":"echo","arguments":{"a":1.0})", .id = "0"});

  EXPECT_EQ(peer->answer(),
            R"({"jsonrpc":"2.0","id":0,"result":{"resultType":"complete","content":)"
            R"([{"type":"text","text":"{\"a\":1.0}"}],)" +
                kServer + "}}");
  EXPECT_EQ(peer->status(), 200);
}

TEST(McpToolCall, KeepsWhatTheFunctionSaysInItsMeta) {
  FakeService service;
  service.add_tool("says", returns(R"({"atonce:result":{"content":[],"meta":{"a":1}}})"));
  service.add({.name = "holds", .description = "", .input_schema = "{}", .output = {true}},
              returns(R"({"_meta":{"a":1}})"));
  service.open();

  EXPECT_EQ(at(service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"says")"})
                   ->answer(),
               {"result", "_meta"}),
            R"({"io.modelcontextprotocol/serverInfo":{"name":"tests","version":"1.0"},"a":1})");
  const std::string holds =
      service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"holds")"})->answer();
  EXPECT_EQ(at(holds, {"result", "structuredContent"}), R"({"_meta":{"a":1}})");
  EXPECT_EQ("\"_meta\":" + at(holds, {"result", "_meta"}), kServer);
}

TEST(McpToolCall, NeedsNoArguments) {
  Everything service;
  const auto session = service.open_session();

  EXPECT_EQ(
      text_in(service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"echo")"})
                  ->answer()),
      R"("{}")");
  EXPECT_EQ(service.ask_in(session, legacy_request("tools/call", R"({"name":"echo"})"))->answer(),
            R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{}"}]}})");
}

TEST(McpToolCall, ThatIsMalformedIsInvalidParams) {
  Everything service;
  const auto session = service.open_session();
  for (const std::string members :
       {R"("name":"none")", R"("arguments":{})", R"("name":5)", R"("name":"echo","arguments":[1])",
        R"("name":"echo","arguments":null)", R"("name":"echo","arguments":"{}")",
        R"("name":"prompt greet")"}) {
    const auto modern = service.ask(ModernRequest{.method = "tools/call", .members = members});
    const auto legacy = service.ask_in(session, legacy_request("tools/call", "{" + members + "}"));

    EXPECT_EQ(code_of(modern->answer()), "-32602") << members;
    EXPECT_EQ(modern->status(), 400) << members;
    EXPECT_EQ(code_of(legacy->answer()), "-32602") << members;
    EXPECT_EQ(legacy->status(), 200) << members;
  }
}

TEST(McpToolCall, ThatFailsIsAResult) {
  FakeService service;
  service.add_tool("raises", [](auto&, auto&) { return call::Raised{"ValueError", "no"}; });
  service.add_tool("refuses",
                   [](auto&, auto&) { return call::Invalid{"invalid_arguments", "/a: missing"}; });
  service.open();
  for (const auto& [name, words] :
       {std::pair{"raises", R"("ValueError: no")"}, std::pair{"refuses", R"("/a: missing")"}}) {
    const auto peer = service.ask(
        ModernRequest{.method = "tools/call", .members = R"("name":")" + std::string(name) + "\""});

    EXPECT_EQ(at(peer->answer(), {"result", "isError"}), "true");
    EXPECT_EQ(text_in(peer->answer()), words);
    EXPECT_EQ(peer->status(), 200);
  }
}

TEST(McpToolCall, IsRefusedWithATryAgainWhenTooManyWait) {
  FakeService service;
  service.add_tool("echo", echo);
  service.open({.queue_limit = 0});

  const auto peer =
      service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"echo")"});

  EXPECT_EQ(code_of(peer->answer()), "-32603");
  EXPECT_EQ(peer->status(), 503);
}

TEST(McpToolCall, RefusesALevelOfLoggingThatIsNone) {
  Everything service;
  for (const std::string level : {"\"loud\"", "\"\"", "\"INFO\""}) {
    const auto peer =
        service.ask(ModernRequest{.method = "tools/call",
                                  .members = R"("name":"echo")",
                                  .meta = R"("io.modelcontextprotocol/logLevel":)" + level});

    EXPECT_EQ(code_of(peer->answer()), "-32602") << level;
    EXPECT_EQ(peer->status(), 400) << level;
  }
}

// ---- headers that repeat arguments

struct WithHeaders : FakeService {
  WithHeaders() {
    call::ToolSpec spec{.name = "search", .description = "", .input_schema = "{}"};
    spec.headers = {{"region", "Region", "string"},
                    {"count", "Count", "integer"},
                    {"deep", "Deep", "boolean"},
                    {"name", "Name", "string"}};
    add(std::move(spec), echo);
    open();
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  std::string code_for(const std::string& arguments, const Headers& headers) {
    const FindHeaders find = [&headers](std::string_view name) {
      std::vector<std::string_view> values;
      for (const auto& [key, value] : headers) {
        if (key == name) values.push_back(value);
      }
      return values;
    };
    const std::string more = arguments.empty() ? "" : R"(,"arguments":)" + arguments;
    const ModernRequest request{.method = "tools/call", .members = R"("name":"search")" + more};
    return code_of(ask(request.text(), "", &find)->answer());
  }
};

TEST(McpParamHeaders, MustSayWhatTheArgumentsDo) {
  WithHeaders service;
  const std::string mismatch = "-32020";

  EXPECT_EQ(service.code_for(R"({"region":"eu"})", {{"Mcp-Param-Region", "eu"}}), "");
  EXPECT_EQ(service.code_for(R"({"region":"eu"})", {{"Mcp-Param-Region", "=?base64?ZXU=?="}}), "");
  EXPECT_EQ(service.code_for(R"({"region":"eu"})", {{"Mcp-Param-Region", "us"}}), mismatch);
  EXPECT_EQ(service.code_for(R"({"region":"eu"})", {{"Mcp-Param-Region", "=?base64?ZXU?="}}),
            mismatch);
  EXPECT_EQ(service.code_for(R"({"region":"eu"})", {}), mismatch);
  EXPECT_EQ(service.code_for(R"({"region":"eu"})",
                             {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-Region", "eu"}}),
            mismatch);
  EXPECT_EQ(service.code_for(R"({"count":42,"deep":true})",
                             {{"Mcp-Param-Count", "42.0"}, {"Mcp-Param-Deep", "true"}}),
            "");
  EXPECT_EQ(service.code_for(R"({"count":42})", {{"Mcp-Param-Count", "43"}}), mismatch);
}

TEST(McpParamHeaders, AreAbsentWhereTheArgumentIs) {
  WithHeaders service;

  EXPECT_EQ(service.code_for("{}", {}), "");
  EXPECT_EQ(service.code_for("", {}), "") << "no arguments at all";
  EXPECT_EQ(service.code_for(R"({"region":null})", {}), "");
  EXPECT_EQ(service.code_for("{}", {{"Mcp-Param-Region", "eu"}}), "-32020");
  EXPECT_EQ(service.code_for("", {{"Mcp-Param-Region", "eu"}}), "-32020");
  EXPECT_EQ(service.code_for(R"({"region":null})", {{"Mcp-Param-Region", "null"}}), "-32020");
}

TEST(McpParamHeaders, AreNotLookedAtWhereThereAreNone) {
  WithHeaders service;

  EXPECT_EQ(code_of(service
                        .ask(ModernRequest{.method = "tools/call",
                                           .members = R"("name":"search","arguments":)"
                                                      R"({"region":"eu"})"})
                        ->answer()),
            "");
}

// ---- prompts, resources, completions

TEST(McpPrompt, IsGot) {
  Everything service;

  const auto peer = service.ask(ModernRequest{
      .method = "prompts/get", .members = R"("name":"greet","arguments":{"name":"Al"})"});

  EXPECT_EQ(at(peer->answer(), {"result"}),
            R"({"resultType":"complete","messages":[{"name":"Al"}],)" + kServer + "}");
}

TEST(McpPrompt, ThatIsMalformedIsInvalidParams) {
  Everything service;
  for (const std::string members : {R"("name":"none")", "\"name\":5", "", R"("name":"greet")",
                                    R"("name":"greet","arguments":[])"}) {
    const auto peer = service.ask(ModernRequest{.method = "prompts/get", .members = members});

    EXPECT_EQ(code_of(peer->answer()), "-32602") << members;
    EXPECT_EQ(peer->status(), 400) << members;
  }
}

TEST(McpResource, IsRead) {
  Everything service;
  const auto session = service.open_session();

  EXPECT_EQ(
      at(service.ask(ModernRequest{.method = "resources/read", .members = R"("uri":"test://a")"})
             ->answer(),
         {"result"}),
      R"({"resultType":"complete","contents":[{"uri":"test://a","text":"A"}],)"
      R"("ttlMs":0,"cacheScope":"private",)" +
          kServer + "}");
  EXPECT_EQ(at(service.ask_in(session, legacy_request("resources/read", R"({"uri":"test://a"})"))
                   ->answer(),
               {"result"}),
            R"({"contents":[{"uri":"test://a","text":"A"}]})");
}

TEST(McpResource, OfATemplateGetsItsVariables) {
  Everything service;

  EXPECT_EQ(at(service
                   .ask(ModernRequest{.method = "resources/read",
                                      .members = R"("uri":"test://x%20y/data")"})
                   ->answer(),
               {"result", "contents", "0"}),
            R"({"uri":"test://x%20y/data","id":"x y"})");
}

TEST(McpResource, ThatIsUnknownHasItsErasCode) {
  Everything service;
  const auto session = service.open_session();

  const auto modern =
      service.ask(ModernRequest{.method = "resources/read", .members = R"("uri":"test://\"x")"});
  const auto legacy =
      service.ask_in(session, legacy_request("resources/read", R"({"uri":"test://\"x"})"));

  EXPECT_EQ(code_of(modern->answer()), "-32602");
  EXPECT_EQ(at(modern->answer(), {"error", "data"}), R"({"uri":"test://\"x"})");
  EXPECT_EQ(modern->status(), 400);
  EXPECT_EQ(code_of(legacy->answer()), "-32002");
  EXPECT_EQ(at(legacy->answer(), {"error", "data"}), R"({"uri":"test://\"x"})");
}

TEST(McpCompletion, IsAskedOfItsFunction) {
  Everything service;

  const auto peer = service.ask(
      ModernRequest{.method = "completion/complete",
                    .members = R"("ref":{"type":"ref/prompt","name":"greet"},"argument":)"
                               R"({"name":"name","value":"A"},"context":{"arguments":{"x":"y"}})"});

  EXPECT_EQ(at(peer->answer(), {"result", "completion"}),
            R"({"values":["{\"value\":\"A\",\"context\":{\"arguments\":{\"x\":\"y\"}}}"],)"
            R"("total":1,"hasMore":false})");
}

TEST(McpCompletion, OfAnArgumentWithoutAFunctionIsEmpty) {
  Everything service;

  const auto peer = service.ask(
      ModernRequest{.method = "completion/complete",
                    .members = R"("ref":{"type":"ref/resource","uri":"test://{id}/data"},)"
                               R"("argument":{"name":"id","value":""})"});

  EXPECT_EQ(at(peer->answer(), {"result", "completion"}),
            R"({"values":[],"total":0,"hasMore":false})");
}

TEST(McpCompletion, ThatIsMalformedIsInvalidParams) {
  Everything service;
  for (const std::string members :
       {"", R"("ref":{"type":"ref/prompt","name":"greet"})", R"("argument":{"name":"a"})",
        R"("ref":{"type":"ref/other"},"argument":{"name":"a","value":""})",
        R"("ref":5,"argument":{"name":"a","value":""})",
        R"("ref":{"type":"ref/prompt","name":"none"},"argument":{"name":"a","value":""})"}) {
    const auto peer =
        service.ask(ModernRequest{.method = "completion/complete", .members = members});

    EXPECT_EQ(code_of(peer->answer()), "-32602") << members;
  }
}

// ---- the client leaves or cancels

struct Holding : FakeService {
  std::latch entered{1};
  std::latch released{1};
  std::atomic<bool> was_stopped = false;

  Holding() {
    add_tool("hold", [this](const Call&, CallControl& control) {
      entered.count_down();
      released.wait();
      was_stopped = control.is_stopped.load();
      return call::Returned{"1"};
    });
    open();
  }
};

TEST(McpCancel, FollowsFromLeavingInTheModernEra) {
  Holding service;
  const auto peer =
      service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"hold")"});
  service.entered.wait();

  peer->leave();

  EXPECT_EQ(text_in(peer->answer()), R"("cancelled by the caller")");
  service.released.count_down();
  static_cast<void>(service.scheduler->stop(20s));
  EXPECT_TRUE(service.was_stopped);
}

TEST(McpCancel, DoesNotFollowFromLeavingInTheLegacyEras) {
  Holding service;
  const auto session = service.open_session();
  const auto peer = service.ask_in(session, legacy_request("tools/call", R"({"name":"hold"})"));
  service.entered.wait();

  peer->leave();
  service.released.count_down();

  EXPECT_EQ(text_in(peer->answer()), R"("1")");
  EXPECT_FALSE(service.was_stopped);
}

TEST(McpCancel, IsANotificationInTheLegacyEras) {
  Holding service;
  const auto session = service.open_session();
  const auto peer =
      service.ask_in(session, legacy_request("tools/call", R"({"name":"hold"})", "7"));
  service.entered.wait();

  for (const std::string params : {R"({"requestId":8})", R"({"requestId":"7"})", "{}", "[]"}) {
    service.tell_in(
        session, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":)" + params + "}");
    EXPECT_FALSE(peer->has_answer()) << params;
  }
  service.tell_in(
      session, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");

  EXPECT_EQ(text_in(peer->answer()), R"("cancelled by the caller")");
  service.released.count_down();
}

TEST(McpCancel, LeavesNothingBehind) {
  Everything service;
  const auto session = service.open_session();

  const auto peer = service.ask_in(session, legacy_request("tools/call", R"({"name":"echo"})"));

  EXPECT_NE(peer->answer(), "");
  static_cast<void>(service.scheduler->stop(20s));
  EXPECT_FALSE(session->is_busy());
}

// ---- the legacy eras' own

TEST(McpLegacy, IsPinged) {
  Everything service;

  EXPECT_EQ(service.ask_in(service.open_session(), legacy_request("ping"))->answer(),
            R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST(McpLegacy, SetsTheLevelOfLogging) {
  Everything service;
  const auto session = service.open_session();

  EXPECT_EQ(
      service.ask_in(session, legacy_request("logging/setLevel", R"({"level":"error"})"))->answer(),
      R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(session->log_level(), "error");
  EXPECT_EQ(code_of(service.ask_in(session, legacy_request("logging/setLevel", R"({"level":"x"})"))
                        ->answer()),
            "-32602");
  EXPECT_EQ(session->log_level(), "error");
}

TEST(McpLegacy, SubscribesToResources) {
  Everything service;
  const auto session = service.open_session();
  const std::string params = R"({"uri":"test://a"})";

  EXPECT_EQ(service.ask_in(session, legacy_request("resources/subscribe", params))->answer(),
            R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_TRUE(session->is_subscribed("test://a"));
  static_cast<void>(service.ask_in(session, legacy_request("resources/unsubscribe", params)));
  EXPECT_FALSE(session->is_subscribed("test://a"));
}

TEST(McpLegacy, SubscribesToNothingWithoutAnAddress) {
  Everything service;
  const auto session = service.open_session();

  for (const std::string params : {"{}", R"({"uri":5})"}) {
    EXPECT_EQ(
        code_of(service.ask_in(session, legacy_request("resources/subscribe", params))->answer()),
        "-32602");
  }
}

// ---- subscriptions

TEST(McpListen, AcknowledgesWhatCanBeHad) {
  FakeService service;
  service.add_tool("echo", echo);
  service.open();

  const auto peer = service.ask(ModernRequest{
      .method = "subscriptions/listen",
      .members = R"("notifications":{"toolsListChanged":true,"promptsListChanged":true,)"
                 R"("resourcesListChanged":false,"resourceSubscriptions":[]})",
      .id = "5"});

  EXPECT_EQ(at(peer->sent(1).at(0), {"params", "notifications"}), R"({"toolsListChanged":true})");
  EXPECT_EQ(at(peer->sent(1).at(0), {"params", "_meta", "io.modelcontextprotocol/subscriptionId"}),
            "5");
  EXPECT_EQ(service.subscribers->count(), 1U);
}

TEST(McpListen, ThatIsMalformedIsInvalidParams) {
  Everything service;
  for (const std::string members : {"", "\"notifications\":5", "\"notifications\":[]"}) {
    EXPECT_EQ(
        code_of(service.ask(ModernRequest{.method = "subscriptions/listen", .members = members})
                    ->answer()),
        "-32602")
        << members;
  }
  EXPECT_EQ(service.subscribers->count(), 0U);
}

TEST(McpListen, HearsWhatACallChanges) {
  FakeService service;
  service.add_tool("change", [](const Call&, CallControl& control) {
    control.hearer()->on_changed("tools");
    return call::Returned{"1"};
  });
  service.open();
  const auto listener = service.ask(ModernRequest{
      .method = "subscriptions/listen", .members = R"("notifications":{"toolsListChanged":true})"});

  const auto caller =
      service.ask(ModernRequest{.method = "tools/call", .members = R"("name":"change")"});

  EXPECT_NE(caller->answer(), "");
  EXPECT_EQ(at(listener->sent(2).at(1), {"method"}), R"("notifications/tools/list_changed")");
}

}  // namespace
}  // namespace atonce::serve
