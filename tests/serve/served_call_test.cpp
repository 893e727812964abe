// What a call says to its client and asks it, from its function to the messages.
#include "serve/served_call.h"

#include <gtest/gtest.h>

#include <future>
#include <limits>

#include "serve/fakes.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;
using call::Call;
using Answer = engine::CallListener::Answer;
using FakeService = Service<engine::FakeClock>;
using RealService = Service<SteadyClock>;

constexpr std::string_view kForm =
    R"({"method":"elicitation/create","params":{"mode":"form","message":"Name?",)"
    R"("requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},)"
    R"("required":["name"]}}})";
constexpr std::string_view kSampling =
    R"({"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}})";

// A tool that asks for that and gives back what it was answered.
FakeService::Function asks(const std::string& requests) {
  return [requests](const Call&, CallControl& control) -> call::Outcome {
    const Answer answer = control.hearer()->ask(requests, std::chrono::steady_clock::now() + 20s);
    if (answer.kind == Answer::Kind::unwind) return call::Cancelled{};
    if (answer.kind == Answer::Kind::refused) return call::Raised{"Refused", answer.text};
    return call::Returned{answer.text};
  };
}

std::string who() { return R"({"who":)" + std::string(kForm) + "}"; }

ModernRequest asking(const std::string& members = "",
                     const std::string& capabilities = R"({"elicitation":{}})") {
  return {.method = "tools/call",
          .members = R"("name":"ask")" + (members.empty() ? "" : "," + members),
          .capabilities = capabilities};
}

// ---- progress

// A tool that tells of these steps.
FakeService::Function steps(std::vector<double> done) {
  return [done](const Call&, CallControl& control) {
    for (const double each : done) control.hearer()->on_progress(each, 100, "at it");
    return call::Returned{"1"};
  };
}

std::vector<std::string> progress_in(const std::vector<std::string>& messages) {
  std::vector<std::string> progress;
  for (const std::string& each : messages) progress.push_back(at(each, {"params", "progress"}));
  return progress;
}

TEST(Progress, IsToldWithTheClientsToken) {
  FakeService service;
  service.add_tool("work", steps({0, 50}));
  service.open();
  for (const std::string token : {"7", R"("p")"}) {
    const auto peer = service.ask(ModernRequest{.method = "tools/call",
                                                .members = R"("name":"work")",
                                                .meta = R"("progressToken":)" + token});

    EXPECT_NE(peer->answer(), "");
    EXPECT_EQ(peer->sent().at(1),
              R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
                  token + R"(,"progress":50.0,"total":100.0,"message":"at it"}})");
  }
}

TEST(Progress, IsNotToldWithoutAToken) {
  FakeService service;
  service.add_tool("work", steps({0, 50}));
  service.open();
  for (const std::string meta : {"", R"("progressToken":null)", R"("progressToken":[1])"}) {
    const auto peer = service.ask(
        ModernRequest{.method = "tools/call", .members = R"("name":"work")", .meta = meta});

    EXPECT_NE(peer->answer(), "");
    EXPECT_TRUE(peer->sent().empty()) << meta;
  }
}

TEST(Progress, OnlyEverGrows) {
  FakeService service;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  service.add_tool("work", steps({0, 1, 1, 0.5, nan, 0.75, infinity, 2, -1}));
  service.open();

  const auto peer = service.ask(ModernRequest{
      .method = "tools/call", .members = R"("name":"work")", .meta = R"("progressToken":1)"});

  EXPECT_NE(peer->answer(), "");
  EXPECT_EQ(progress_in(peer->sent()), (std::vector<std::string>{"0.0", "1.0", "2.0"}));
}

TEST(Progress, HasAMessageSinceThatWasKnown) {
  FakeService service;
  service.add_tool("work", steps({1}));
  service.open();
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    const auto peer = service.ask_in(
        service.open_session(revision),
        legacy_request("tools/call", R"({"name":"work","_meta":{"progressToken":1}})"));

    EXPECT_NE(peer->answer(), "");
    EXPECT_EQ(at(peer->sent().at(0), {"params", "message"}),
              revision == Revision::v2024_11_05 ? "" : R"("at it")");
  }
}

// ---- log

FakeService::Function logs(std::vector<std::string> levels) {
  return [levels](const Call&, CallControl& control) {
    for (const std::string& each : levels) control.hearer()->on_log(each, "tests", "{\"a\":1}");
    return call::Returned{"1"};
  };
}

std::string levels_in(const std::vector<std::string>& messages) {
  std::string levels;
  for (const std::string& each : messages) levels += at(each, {"params", "level"}) + " ";
  return levels;
}

TEST(Log, IsToldFromTheLevelOnThatTheRequestSays) {
  FakeService service;
  service.add_tool("work", logs({"debug", "info", "warning", "emergency", "loud"}));
  service.open();
  for (const auto& [meta, wanted] :
       {std::pair<std::string, std::string>{"", ""},
        {R"("io.modelcontextprotocol/logLevel":"debug")",
         R"("debug" "info" "warning" "emergency" )"},
        {R"("io.modelcontextprotocol/logLevel":"notice")", R"("warning" "emergency" )"}}) {
    const auto peer = service.ask(
        ModernRequest{.method = "tools/call", .members = R"("name":"work")", .meta = meta});

    EXPECT_NE(peer->answer(), "");
    EXPECT_EQ(levels_in(peer->sent()), wanted);
  }
}

TEST(Log, IsToldFromTheLevelOnThatTheSessionHas) {
  FakeService service;
  service.add_tool("work", logs({"debug", "error", "critical"}));
  service.open();
  const auto session = service.open_session();
  const auto levels = [&] {
    const auto peer = service.ask_in(session, legacy_request("tools/call", R"({"name":"work"})"));
    EXPECT_NE(peer->answer(), "");
    return levels_in(peer->sent());
  };

  EXPECT_EQ(levels(), R"("debug" "error" "critical" )");
  session->set_log_level("critical");
  EXPECT_EQ(levels(), R"("critical" )");
}

TEST(Log, HoldsWhatWasSaidAsItWasSaid) {
  FakeService service;
  service.add_tool("work", logs({"info"}));
  service.open();

  const auto peer =
      service.ask(ModernRequest{.method = "tools/call",
                                .members = R"("name":"work")",
                                .meta = R"("io.modelcontextprotocol/logLevel":"info")"});

  EXPECT_NE(peer->answer(), "");
  EXPECT_EQ(peer->sent().at(0), R"({"jsonrpc":"2.0","method":"notifications/message","params":)"
                                R"({"level":"info","logger":"tests","data":{"a":1}}})");
}

// ---- who the client is

TEST(Client, IsWhatItSaysOfItself) {
  FakeService service;
  service.add_tool("who", [](const Call&, CallControl& control) {
    return call::Returned{json::quoted(control.hearer()->client())};
  });
  service.open();

  const auto modern = service.ask(
      ModernRequest{.method = "tools/call",
                    .members = R"("name":"who")",
                    .capabilities = R"({"roots":{}})",
                    .meta = R"("io.modelcontextprotocol/clientInfo":{"name":"c","version":5})"});

  EXPECT_EQ(text_in(modern->answer()), json::quoted(R"({"name":"c","capabilities":{"roots":{}}})"));
}

// ---- questions in the modern era

TEST(Question, IsAnAnswerThatAsksForMore) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();

  const auto peer = service.ask(asking());

  EXPECT_EQ(at(peer->answer(), {"result", "resultType"}), R"("input_required")");
  EXPECT_EQ(at(peer->answer(), {"result", "inputRequests"}), who());
  EXPECT_NE(at(peer->answer(), {"result", "requestState"}), "");
  EXPECT_EQ(at(peer->answer(), {"result", "ttlMs"}), "");
  EXPECT_EQ(peer->status(), 200);
  EXPECT_TRUE(peer->sent().empty()) << "a stream carries no questions in this era";
}

TEST(Question, IsAnsweredByAskingAgain) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();
  const std::string state = at(service.ask(asking())->answer(), {"result", "requestState"});

  const auto peer = service.ask(
      asking(R"("inputResponses":{"who":{"action":"accept","content":{"name":"Al"}},"x":5},)"
             R"("requestState":)" +
             state));

  EXPECT_EQ(at(peer->answer(), {"result", "resultType"}), R"("complete")");
  EXPECT_EQ(text_in(peer->answer()),
            json::quoted(R"({"who":{"action":"accept","content":{"name":"Al"}}})"));
}

TEST(Question, MayBeDeclined) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();
  for (const std::string action : {"decline", "cancel"}) {
    const auto peer =
        service.ask(asking(R"("inputResponses":{"who":{"action":")" + action + "\"}}"));

    EXPECT_EQ(text_in(peer->answer()), json::quoted(R"({"who":{"action":")" + action + "\"}}"));
  }
}

TEST(Question, IsAskedAgainWhereItsAnswerIsNone) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();
  for (const std::string answer :
       {R"({})", R"({"other":{"action":"accept","content":{"name":"Al"}}})", R"({"who":12345})",
        R"({"who":null})", R"({"who":{"action":"accept"}})", R"({"who":{"action":"maybe"}})",
        R"({"who":{"action":"accept","content":{"name":null}}})",
        R"({"who":{"action":"accept","content":{"nom":"Al"}}})"}) {
    const auto peer = service.ask(asking("\"inputResponses\":" + answer));

    EXPECT_EQ(at(peer->answer(), {"result", "resultType"}), R"("input_required")") << answer;
  }
}

TEST(Question, ThatIsAnsweredByNoObjectIsNeverComplete) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();
  for (const std::string answers : {"null", "5", "[]", "\"who\""}) {
    const auto peer = service.ask(asking("\"inputResponses\":" + answers));

    EXPECT_EQ(code_of(peer->answer()), "-32602") << answers;
    EXPECT_EQ(peer->status(), 400) << answers;
  }
}

// The function asks again for what it asked before, and something more.
TEST(Question, IsAskedRoundByRoundWhileItsStateGrows) {
  FakeService service;
  service.add_tool("ask", [](const Call& call, CallControl& control) -> call::Outcome {
    const auto first = asks(R"({"one":)" + std::string(kForm) + "}")(call, control);
    if (!std::holds_alternative<call::Returned>(first)) return first;
    return asks(R"({"two":)" + std::string(kForm) + "}")(call, control);
  });
  service.open();
  const auto accept = [](const std::string& key, const std::string& state) {
    return asking(R"("inputResponses":{")" + key +
                  R"(":{"action":"accept","content":{"name":"Al"}}},"requestState":)" + state);
  };
  const auto state_of = [](const std::string& answer) {
    return at(answer, {"result", "requestState"});
  };

  const std::string first = service.ask(asking())->answer();
  const std::string second = service.ask(accept("one", state_of(first)))->answer();
  const std::string third = service.ask(accept("two", state_of(second)))->answer();

  EXPECT_NE(at(first, {"result", "inputRequests", "one"}), "");
  EXPECT_EQ(at(second, {"result", "inputRequests", "one"}), "");
  EXPECT_NE(at(second, {"result", "inputRequests", "two"}), "");
  EXPECT_NE(state_of(first), state_of(second));
  EXPECT_EQ(at(third, {"result", "resultType"}), R"("complete")");
  EXPECT_EQ(text_in(third), json::quoted(R"({"two":{"action":"accept","content":{"name":"Al"}}})"));
}

TEST(Question, IsOnlyAskedOfAClientThatDeclaresIt) {
  FakeService service;
  service.add_tool("ask", asks(who()));
  service.open();
  for (const std::string capabilities :
       {"{}", R"({"sampling":{}})", R"({"elicitation":null})", R"({"elicitation":true})"}) {
    const auto peer = service.ask(asking("", capabilities));

    EXPECT_EQ(code_of(peer->answer()), "-32021") << capabilities;
    EXPECT_EQ(at(peer->answer(), {"error", "data"}),
              R"({"requiredCapabilities":{"elicitation":{}}})");
    EXPECT_EQ(peer->status(), 400) << capabilities;
  }
}

TEST(Question, LeavesOutWhatTheClientDoesNotDeclare) {
  FakeService service;
  service.add_tool("ask", asks(R"({"who":)" + std::string(kForm) + R"(,"what":)" +
                               std::string(kSampling) + "}"));
  service.open();

  const auto peer = service.ask(asking("", R"({"sampling":{}})"));

  EXPECT_EQ(at(peer->answer(), {"result", "inputRequests"}),
            R"({"what":)" + std::string(kSampling) + "}");
}

TEST(Question, ByAPageNeedsAClientThatOpensPages) {
  FakeService service;
  service.add_tool("ask", asks(R"({"page":{"method":"elicitation/create","params":{"mode":"url",)"
                               R"("message":"m","url":"https://a.example"}}})"));
  service.open();

  EXPECT_EQ(code_of(service.ask(asking("", R"({"elicitation":{}})"))->answer()), "-32021");
  EXPECT_EQ(code_of(service.ask(asking("", R"({"elicitation":{"form":{}}})"))->answer()), "-32021");
  EXPECT_EQ(at(service.ask(asking("", R"({"elicitation":{"url":{}}})"))->answer(),
               {"result", "resultType"}),
            R"("input_required")");
}

// ---- its state

struct Stateful : FakeService {
  Stateful() {
    add_tool("ask", asks(who()));
    add_tool("ask2", asks(who()));
    open();
    state = at(ask(asking(R"("arguments":{"a":1})").text(), "ann")->answer(),
               {"result", "requestState"});
    state = state.substr(1, state.size() - 2);
  }

  // The code of asking again with that state.
  std::string code_with(const std::string& requestState, const std::string& caller = "ann",
                        const std::string& name = "ask",
                        const std::string& arguments = R"({"a":1})") {
    const ModernRequest request{.method = "tools/call",
                                .members = R"("name":")" + name + R"(","arguments":)" + arguments +
                                           R"(,"requestState":")" + requestState + "\"",
                                .capabilities = R"({"elicitation":{}})"};
    return code_of(ask(request.text(), caller)->answer());
  }

  std::string state;
};

TEST(QuestionState, CountsForTheSameRequest) {
  Stateful service;

  EXPECT_EQ(service.code_with(service.state), "");
  EXPECT_EQ(service.code_with(service.state), "") << "it may be used again";
}

TEST(QuestionState, CountsForNothingElse) {
  Stateful service;

  EXPECT_EQ(service.code_with(service.state + "-TAMPERED"), "-32602");
  EXPECT_EQ(service.code_with(""), "-32602");
  EXPECT_EQ(service.code_with(service.state, "bob"), "-32602");
  EXPECT_EQ(service.code_with(service.state, ""), "-32602");
  EXPECT_EQ(service.code_with(service.state, "ann", "ask2"), "-32602");
  EXPECT_EQ(service.code_with(service.state, "ann", "ask", R"({"a":2})"), "-32602");
}

TEST(QuestionState, MustBeAText) {
  Stateful service;
  for (const std::string state : {"null", "5", "{}"}) {
    EXPECT_EQ(code_of(service.ask(asking("\"requestState\":" + state))->answer()), "-32602");
  }
}

TEST(QuestionState, CountsForAQuarterOfAnHour) {
  Stateful service;

  service.clock.advance(15min);
  EXPECT_EQ(service.code_with(service.state), "");
  service.clock.advance(1s);
  EXPECT_EQ(service.code_with(service.state), "-32602");
}

// ---- questions in the legacy eras

struct Legacy : RealService {
  explicit Legacy(const std::string& capabilities = R"({"elicitation":{}})") {
    add_tool("ask", asks(who()));
    open();
    session = open_session(protocol::mcp::kNewestLegacy, capabilities);
    peer = ask_in(session, legacy_request("tools/call", R"({"name":"ask"})"));
  }

  // The id of the question that it was asked.
  std::string question() {
    const auto sent = peer->sent(1);
    return sent.empty() ? "" : at(sent[0], {"id"});
  }
  void answer(const std::string& id, const std::string& member) {
    tell_in(session, R"({"jsonrpc":"2.0","id":)" + id + "," + member + "}");
  }

  std::shared_ptr<Session> session;
  std::shared_ptr<ScriptedPeer> peer;
};

TEST(LegacyQuestion, IsARequestOnTheWayToTheAnswer) {
  Legacy service;
  const std::string id = service.question();

  EXPECT_EQ(R"({"who":{"method":)" + at(service.peer->sent()[0], {"method"}) + R"(,"params":)" +
                at(service.peer->sent()[0], {"params"}) + "}}",
            who());
  EXPECT_FALSE(service.peer->has_answer());
  service.answer(id, R"("result":{"action":"accept","content":{"name":"Al"}})");

  EXPECT_EQ(text_in(service.peer->answer()),
            json::quoted(R"({"who":{"action":"accept","content":{"name":"Al"}}})"));
}

TEST(LegacyQuestion, ThatTheClientRefusesIsTheFunctionsToHandle) {
  Legacy service;
  const std::string id = service.question();

  service.answer(R"("another")", R"("result":{"action":"accept"})");
  EXPECT_FALSE(service.peer->has_answer());
  service.answer(id, R"("error":{"code":-1,"message":"busy"})");

  EXPECT_EQ(at(service.peer->answer(), {"result", "isError"}), "true");
  EXPECT_TRUE(service.peer->answer().contains("busy"));
}

TEST(LegacyQuestion, IsNotAskedOfAClientThatDoesNotDeclareIt) {
  Legacy service("{}");

  EXPECT_EQ(at(service.peer->answer(), {"result", "isError"}), "true");
  EXPECT_TRUE(service.peer->answer().contains("elicitation"));
  EXPECT_TRUE(service.peer->sent().empty());
}

TEST(LegacyQuestion, EndsWhenTheCallIsCancelled) {
  Legacy service;
  ASSERT_NE(service.question(), "");

  service.tell_in(
      service.session,
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");

  EXPECT_EQ(text_in(service.peer->answer()), R"("cancelled by the caller")");
}

// ---- what an answer is

bool fits(std::string_view method, std::string_view answer, std::string_view params = "{}") {
  const auto asked = json::Document::parse(params);
  const auto document = json::Document::parse(answer);
  return is_answer(method, asked->root(), document->root());
}

TEST(IsAnswer, DependsOnWhatWasAsked) {
  EXPECT_TRUE(fits("sampling/createMessage",
                   R"({"role":"assistant","content":{"type":"text","text":"x"},"model":"m"})"));
  EXPECT_FALSE(fits("sampling/createMessage", R"({"role":"assistant","content":{}})"));
  EXPECT_FALSE(fits("sampling/createMessage", R"({"action":"accept"})"));
  EXPECT_TRUE(fits("roots/list", R"({"roots":[]})"));
  EXPECT_FALSE(fits("roots/list", R"({"roots":{}})"));
  EXPECT_FALSE(fits("roots/list", R"({})"));
  EXPECT_TRUE(fits("elicitation/create", R"({"action":"accept"})"));
  EXPECT_FALSE(fits("elicitation/create", R"({"action":5})"));
  EXPECT_FALSE(fits("elicitation/create", "[]"));
}

TEST(Levels, GrowFromDebugToEmergency) {
  EXPECT_EQ(place_of_level("debug"), 0U);
  EXPECT_EQ(place_of_level("emergency"), 7U);
  EXPECT_LT(place_of_level("notice"), place_of_level("warning"));
  EXPECT_FALSE(place_of_level("warn"));
  EXPECT_FALSE(place_of_level(""));
}

}  // namespace
}  // namespace atonce::serve
