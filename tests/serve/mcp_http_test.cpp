#include "serve/mcp_http.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <set>
#include <thread>

#include "serve/http_fixture.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;
using call::Call;

call::Outcome echo(const Call& call, CallControl&) { return call::Returned{call.arguments}; }

struct Echo : HttpService {
  Echo() {
    add_tool("echo", echo);
    listen();
  }
};

const std::string kList = ModernRequest{.method = "tools/list"}.text();
const std::string kCall =
    ModernRequest{.method = "tools/call", .members = R"("name":"echo")"}.text();

// ---- the ladder of a POST: the first row that fails answers

struct Row {
  std::string about;
  std::string headers;
  std::string body;
  int status;
  std::string code = {};  // of the JSON-RPC error; empty: there is none
  std::string id = {};    // that it echoes; empty: it has none
};

void expect_rows(const HttpService& service, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const HttpAnswer answer = service.post(row.headers, row.body);

    EXPECT_EQ(answer.status, row.status) << row.about << "\n" << answer.body;
    EXPECT_EQ(code_of(answer.body.empty() ? "{}" : answer.body), row.code) << row.about;
    EXPECT_EQ(at(answer.body.empty() ? "{}" : answer.body, {"id"}), row.id) << row.about;
    EXPECT_EQ(answer.header("Mcp-Session-Id"), "") << row.about;
  }
}

TEST(McpLadder, ChecksTheTransportFirst) {
  const Echo service;
  const std::string json = "Content-Type: application/json\r\n";
  const std::string rest = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
  expect_rows(
      service,
      {{"no Content-Type", kBoth + rest, kList, 415, "-32600"},
       {"text", "Content-Type: text/plain\r\n" + kBoth + rest, kList, 415, "-32600"},
       {"a type that begins like it", "Content-Type: application/json5\r\n" + kBoth + rest, kList,
        415, "-32600"},
       {"type before Accept", "Content-Type: text/plain\r\nAccept: text/html\r\n", kList, 415,
        "-32600"},
       {"Accept only JSON", json + "Accept: application/json\r\n" + rest, kList, 406, "-32600"},
       {"Accept only events", json + "Accept: text/event-stream\r\n" + rest, kList, 406, "-32600"},
       {"Accept before JSON", json + "Accept: text/html\r\n" + rest, "{", 406, "-32600"},
       {"no JSON", kPlain + rest, "{", 400, "-32700"},
       {"nothing", kPlain + rest, "", 400, "-32700"}});
}

TEST(McpLadder, LetsEveryFormOfTheTransportsHeadersIn) {
  const Echo service;
  const std::string rest = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
  for (const std::string& headers :
       {"Content-Type: application/json; charset=utf-8\r\n" + kBoth,
        std::string("content-type: Application/JSON\r\naccept: */*\r\n"),
        std::string("Content-Type: application/json\r\nAccept: application/*, text/*;q=0.5\r\n"),
        std::string("Content-Type: application/json\r\nAccept: application/json\r\n"
                    "Accept: Text/Event-Stream\r\n"),
        std::string("Content-Type: application/json\r\nAccept: application/json;q=0.9 , "
                    "text/event-stream\r\n"),
        std::string("Content-Type: application/json\r\n")}) {
    EXPECT_EQ(service.post(headers + rest, kList).status, 200) << headers;
  }
}

TEST(McpLadder, ChecksTheShapeOfAMessage) {
  const Echo service;
  const std::string headers = modern_headers("tools/list");
  expect_rows(
      service,
      {{"a batch", headers, "[" + kList + "]", 400, "-32600"},
       {"an empty batch", headers, "[]", 400, "-32600"},
       {"a number", headers, "5", 400, "-32600"},
       {"a response", headers, R"({"jsonrpc":"2.0","id":1,"result":{}})", 400, "-32600"},
       {"id null", headers, R"({"jsonrpc":"2.0","id":null,"method":"tools/list"})", 400, "-32600"},
       {"id 1.5", headers, R"({"jsonrpc":"2.0","id":1.5,"method":"tools/list"})", 400, "-32600"},
       {"id true", headers, R"({"jsonrpc":"2.0","id":true,"method":"tools/list"})", 400, "-32600"},
       {"jsonrpc 1.0", headers, R"({"jsonrpc":"1.0","id":1,"method":"tools/list"})", 400,
        "-32600"}});
}

TEST(McpLadder, FindsTheEraByHeaderAndMessage) {
  const Echo service;
  const std::string initialize = legacy_request("initialize", "{}", "3");
  expect_rows(
      service,
      {{"no header, modern _meta", kPlain, kList, 400, "-32020", "1"},
       {"legacy header, modern _meta", kPlain + "MCP-Protocol-Version: 2025-11-25\r\n", kList, 400,
        "-32020", "1"},
       {"modern header, initialize without _meta", modern_headers("initialize"), initialize, 400,
        "-32602", "3"},
       {"modern header, initialize", modern_headers("initialize"),
        ModernRequest{.method = "initialize", .id = "3"}.text(), 404, "-32601", "3"},
       {"no header, no _meta, no session", kPlain, legacy_request("tools/list"), 400, "-32600"}});
}

TEST(McpLadder, AcceptsNotificationsAndDropsThem) {
  const Echo service;
  const std::string cancelled =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})";
  expect_rows(service,
              {{"a notification", modern_headers("notifications/cancelled"), cancelled, 202},
               {"without the other headers", kPlain + "MCP-Protocol-Version: 2026-07-28\r\n",
                cancelled, 202},
               {"of an unknown revision", kPlain + "MCP-Protocol-Version: v999\r\n", cancelled, 400,
                "-32022"}});
}

TEST(McpLadder, ChecksHeadersAgainstTheMessage) {
  const Echo service;
  const std::string later = R"({"jsonrpc":"2.0","id":"x","method":"tools/list","params":{"_meta":)"
                            R"({"io.modelcontextprotocol/protocolVersion":"v999",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  const std::string bare = R"({"jsonrpc":"2.0","id":"x","method":"tools/list","params":{"_meta":)"
                           R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
  const std::string good = modern_headers("tools/list");
  expect_rows(
      service,
      {{"version twice", good + "mcp-protocol-version: 2026-07-28\r\n", kList, 400, "-32020", "1"},
       {"method twice", good + "MCP-METHOD: tools/list\r\n", kList, 400, "-32020", "1"},
       {"name twice", modern_headers("tools/call", "echo") + "Mcp-Name: echo\r\n", kCall, 400,
        "-32020", "1"},
       {"no params", good, R"({"jsonrpc":"2.0","id":"x","method":"tools/list"})", 400, "-32602",
        R"("x")"},
       {"params are a list", good,
        R"({"jsonrpc":"2.0","id":"x","method":"tools/list","params":[]})", 400, "-32602", R"("x")"},
       {"no capabilities", good, bare, 400, "-32602", R"("x")"},
       {"_meta before the method's header", modern_headers("ping"), bare, 400, "-32602", R"("x")"},
       {"mismatch before unsupported", good, later, 400, "-32020", R"("x")"},
       {"method differs", modern_headers("tools/call"), kList, 400, "-32020", "1"},
       {"method is absent", kPlain + "MCP-Protocol-Version: 2026-07-28\r\n", kList, 400, "-32020",
        "1"},
       {"name differs", modern_headers("tools/call", "other"), kCall, 400, "-32020", "1"},
       {"name is absent", modern_headers("tools/call"), kCall, 400, "-32020", "1"},
       {"bad base64", modern_headers("tools/call", "=?base64?ZWNobw?="), kCall, 400, "-32020", "1"},
       {"unsupported", kPlain + "MCP-Protocol-Version: v999\r\nMcp-Method: tools/list\r\n", later,
        400, "-32022", R"("x")"}});
}

TEST(McpLadder, ChecksMethodAndParametersLast) {
  const Echo service;
  const auto request = [](const std::string& method, const std::string& members = "",
                          const std::string& meta = "") {
    return ModernRequest{.method = method, .members = members, .meta = meta, .id = "0"}.text();
  };
  expect_rows(
      service,
      {{"unknown", modern_headers("tools/none"), request("tools/none"), 404, "-32601", "0"},
       {"removed", modern_headers("ping"), request("ping"), 404, "-32601", "0"},
       {"not offered", modern_headers("prompts/list"), request("prompts/list"), 404, "-32601", "0"},
       {"a bad level", modern_headers("tools/list"),
        request("tools/list", "", R"("io.modelcontextprotocol/logLevel":"loud")"), 400, "-32602",
        "0"},
       {"a bad cursor", modern_headers("tools/list"), request("tools/list", R"("cursor":"x")"), 400,
        "-32602", "0"},
       {"an unknown tool", modern_headers("tools/call", "none"),
        request("tools/call", R"("name":"none")"), 400, "-32602", "0"},
       {"no tool", modern_headers("tools/call"), request("tools/call"), 400, "-32602", "0"}});
}

TEST(McpLadder, LetsAGoodRequestThrough) {
  const Echo service;

  const HttpAnswer call = service.post(modern_headers("tools/call", "=?base64?ZWNobw==?="), kCall);

  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.header("Content-Type"), "application/json");
  EXPECT_EQ(call.header("Mcp-Session-Id"), "");
  EXPECT_EQ(text_in(call.body), R"("{}")");
}

TEST(McpLadder, HasOneVerbInTheModernEra) {
  const Echo service;
  for (const std::string method : {"GET", "DELETE", "HEAD", "OPTIONS", "PUT"}) {
    const HttpAnswer answer =
        service.request(method, "/mcp", "MCP-Protocol-Version: 2026-07-28\r\n" + kBoth);

    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("Allow"), "POST") << method;
  }
}

TEST(McpLadder, FindsTheHeadersThatRepeatArguments) {
  HttpService service;
  call::ToolSpec spec{.name = "search", .description = "", .input_schema = "{}"};
  spec.headers = {{"region", "Region", "string"}};
  service.add(std::move(spec), echo);
  service.listen();
  const std::string body =
      ModernRequest{.method = "tools/call",
                    .members = R"("name":"search","arguments":{"region":"eu"})"}
          .text();
  const std::string headers = modern_headers("tools/call", "search");

  EXPECT_EQ(service.post(headers + "mcp-param-REGION: eu\r\n", body).status, 200);
  expect_rows(service, {{"absent", headers, body, 400, "-32020", "1"},
                        {"another", headers + "Mcp-Param-Region: us\r\n", body, 400, "-32020", "1"},
                        {"twice", headers + "Mcp-Param-Region: eu\r\nMcp-Param-Region: eu\r\n",
                         body, 400, "-32020", "1"}});
}

// ---- one JSON text, or a stream

TEST(McpStream, BeginsWithWhatIsSaidBeforeTheAnswer) {
  HttpService service;
  service.add_tool("work", [](const Call&, CallControl& control) {
    control.hearer()->on_progress(1, 2, "");
    control.hearer()->on_progress(2, 2, "");
    return call::Returned{"1"};
  });
  service.listen();

  const HttpAnswer answer = service.post(
      modern_headers("tools/call", "work"),
      ModernRequest{
          .method = "tools/call", .members = R"("name":"work")", .meta = R"("progressToken":1)"}
          .text());

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache, no-transform");
  EXPECT_EQ(answer.header("X-Accel-Buffering"), "no");
  EXPECT_FALSE(answer.body.contains("id:"));
  const auto events = answer.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(at(events[0], {"params", "progress"}), "1.0");
  EXPECT_EQ(at(events[1], {"params", "progress"}), "2.0");
  EXPECT_EQ(text_in(events[2]), R"("1")");
  EXPECT_TRUE(answer.body.ends_with("\n\n"));
}

TEST(McpStream, IsOfJsonWhereNothingIsSaid) {
  const Echo service;

  const HttpAnswer answer = service.post(
      modern_headers("tools/call", "echo"),
      ModernRequest{
          .method = "tools/call", .members = R"("name":"echo")", .meta = R"("progressToken":1)"}
          .text());

  EXPECT_EQ(answer.header("Content-Type"), "application/json");
}

TEST(McpStream, AnswersSeveralRequestsOfOneConnection) {
  const Echo service;
  HttpClient client = service.client();
  for (int round = 0; round < 3; ++round) {
    client.post(modern_headers("tools/call", "other"), kCall);
    EXPECT_EQ(client.read().status, 400);
    client.post(modern_headers("tools/call", "echo"), kCall);
    EXPECT_EQ(client.read().status, 200);
  }
}

TEST(McpStream, OfASubscriptionStaysOpenUntilTheServerEnds) {
  const Echo service;
  HttpClient client = service.client();
  client.post(modern_headers("subscriptions/listen"),
              ModernRequest{.method = "subscriptions/listen",
                            .members = R"("notifications":{"toolsListChanged":true})",
                            .id = "7"}
                  .text());
  EXPECT_EQ(client.read_head().header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(client.read_chunk().contains("notifications/subscriptions/acknowledged"));

  service.subscribers->tell("tools");
  EXPECT_TRUE(client.read_chunk().contains("notifications/tools/list_changed"));
  service.subscribers->close();

  EXPECT_TRUE(client.read_chunk().contains(R"("id":7,"result":)"));
  EXPECT_EQ(client.read_chunk(), "");
}

// ---- the client leaves

struct Holding : HttpService {
  std::latch entered{1};
  std::latch released{1};
  std::promise<bool> was_stopped;

  Holding() {
    add_tool("hold", [this](const Call&, CallControl& control) {
      entered.count_down();
      released.wait();
      was_stopped.set_value(control.is_stopped.load());
      return call::Returned{"1"};
    });
    add_tool("wait_for_stop", [this](const Call&, CallControl& control) {
      entered.count_down();
      while (!control.is_stopped.load()) std::this_thread::yield();
      was_stopped.set_value(true);
      return call::Returned{"1"};
    });
    add_tool("echo", echo);
    listen();
  }
};

TEST(McpLeaving, CancelsAModernCall) {
  for (const bool is_abrupt : {false, true}) {
    Holding service;
    HttpClient client = service.client();
    client.post(
        modern_headers("tools/call", "wait_for_stop"),
        ModernRequest{.method = "tools/call", .members = R"("name":"wait_for_stop")"}.text());
    service.entered.wait();

    is_abrupt ? client.raw.reset() : client.raw.close();

    EXPECT_TRUE(service.was_stopped.get_future().get());
  }
}

// ---- sessions

std::string in_session(const std::string& id, const std::string& version = "2025-11-25") {
  return kPlain + "Mcp-Session-Id: " + id + "\r\nMCP-Protocol-Version: " + version + "\r\n";
}

// Opens a session and gives its id.
std::string open_session(const HttpService& service, const std::string& revision = "2025-11-25",
                         const std::string& capabilities = "{}") {
  const HttpAnswer answer = service.post(
      kPlain, legacy_request("initialize", R"({"protocolVersion":")" + revision +
                                               R"(","capabilities":)" + capabilities +
                                               R"(,"clientInfo":{"name":"c","version":"1"}})"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.header("Mcp-Session-Id");
}

TEST(McpLeaving, DoesNotCancelALegacyCall) {
  Holding service;
  const std::string id = open_session(service);
  HttpClient client = service.client();
  client.post(in_session(id), legacy_request("tools/call", R"({"name":"hold"})"));
  service.entered.wait();

  client.raw.reset();
  // A second request of the same session, so that the server has had its chance to see the first
  // one's end.
  EXPECT_EQ(service.post(in_session(id), legacy_request("ping")).status, 200);
  service.released.count_down();

  EXPECT_FALSE(service.was_stopped.get_future().get());
}

TEST(McpSession, IsOpenedByInitialize) {
  const Echo service;
  for (const auto& [asked, given] :
       {std::pair{"2024-11-05", "2024-11-05"}, std::pair{"2025-03-26", "2025-03-26"},
        std::pair{"2025-06-18", "2025-06-18"}, std::pair{"2025-11-25", "2025-11-25"},
        std::pair{"2026-07-28", "2025-11-25"}, std::pair{"junk", "2025-11-25"}}) {
    const HttpAnswer answer = service.post(
        kPlain,
        legacy_request("initialize", R"({"protocolVersion":")" + std::string(asked) + "\"}", "5"));

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(at(answer.body, {"id"}), "5");
    EXPECT_EQ(at(answer.body, {"result", "protocolVersion"}), "\"" + std::string(given) + "\"");
    EXPECT_EQ(answer.header("Mcp-Session-Id").size(), 32U);
  }
}

TEST(McpSession, IsNeededAndMustBeKnown) {
  const Echo service;
  const std::string id = open_session(service);
  const std::string ping = legacy_request("ping");
  expect_rows(service, {{"none", kPlain, ping, 400, "-32600"},
                        {"unknown", in_session("nobody"), ping, 404, "-32600"}});

  EXPECT_EQ(service.post(in_session(id), ping).body, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(service.post(kPlain + "Mcp-Session-Id: " + id + "\r\n", ping).status, 200);
}

TEST(McpSession, OfAnUnknownRevisionIsRefused) {
  const Echo service;

  EXPECT_EQ(service.post(in_session(open_session(service), "v999"), legacy_request("ping")).status,
            400);
}

TEST(McpSession, TellsErrorsWithStatus200) {
  const Echo service;
  const std::string headers = in_session(open_session(service));
  expect_rows(service, {{"unknown method", headers, legacy_request("none"), 200, "-32601", "1"},
                        {"unknown tool", headers, legacy_request("tools/call", R"({"name":"x"})"),
                         200, "-32602", "1"}});
}

TEST(McpSession, TakesNotificationsAndAnswers) {
  const Echo service;
  const std::string headers = in_session(open_session(service));
  expect_rows(
      service,
      {{"initialized", headers, R"({"jsonrpc":"2.0","method":"notifications/initialized"})", 202},
       {"an answer to nothing", headers, R"({"jsonrpc":"2.0","id":"x","result":{}})", 202},
       {"an error to nothing", headers, R"({"jsonrpc":"2.0","id":"x","error":{}})", 202}});
}

TEST(McpSession, EndsWhenItIsDeleted) {
  const Echo service;
  const std::string id = open_session(service);

  EXPECT_EQ(service.request("DELETE", "/mcp").status, 400);
  EXPECT_EQ(service.request("DELETE", "/mcp", in_session("nobody")).status, 404);
  EXPECT_EQ(service.request("DELETE", "/mcp", in_session(id)).status, 204);

  EXPECT_EQ(service.post(in_session(id), legacy_request("ping")).status, 404);
  EXPECT_EQ(service.request("DELETE", "/mcp", in_session(id)).status, 404);
}

TEST(McpSession, IsOneOfSoMany) {
  HttpService service;
  service.add_tool("echo", echo);
  service.listen({.most = 1});
  EXPECT_NE(open_session(service), "");

  const HttpAnswer answer = service.post(kPlain, legacy_request("initialize", "{}"));

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "60");
  EXPECT_EQ(answer.header("Mcp-Session-Id"), "");
}

TEST(McpSession, HasOneStreamOfItsOwn) {
  const Echo service;
  const std::string id = open_session(service);
  HttpClient client = service.client();

  client.request("GET", "/mcp", in_session(id));
  EXPECT_EQ(client.read_head().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(service.request("GET", "/mcp", in_session(id)).status, 409);
  service.subscribers->tell("tools");

  EXPECT_EQ(client.read_chunk(),
            "event: message\n"
            "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
  EXPECT_EQ(service.request("DELETE", "/mcp", in_session(id)).status, 204);
  EXPECT_EQ(client.read_chunk(), "");
}

TEST(McpSession, HasNoStreamForWhoCannotReadIt) {
  const Echo service;
  const std::string id = open_session(service);

  EXPECT_EQ(
      service.request("GET", "/mcp", "Mcp-Session-Id: " + id + "\r\nAccept: application/json\r\n")
          .status,
      406);
  EXPECT_EQ(service.request("GET", "/mcp", kBoth).status, 400);
}

TEST(McpSession, IsAskedOnTheStreamOfItsRequest) {
  HttpService service;
  service.add_tool("ask", [](const Call&, CallControl& control) {
    const auto answer = control.hearer()->ask(R"({"r":{"method":"roots/list","params":{}}})",
                                              std::chrono::steady_clock::now() + 20s);
    return call::Returned{json::quoted(answer.text)};
  });
  service.listen();
  const std::string id = open_session(service, "2025-06-18", R"({"roots":{}})");
  HttpClient client = service.client();
  client.post(in_session(id, "2025-06-18"), legacy_request("tools/call", R"({"name":"ask"})"));
  HttpAnswer stream = client.read_head();
  stream.body = client.read_chunk();
  ASSERT_EQ(stream.events().size(), 1U);
  const std::string question = at(stream.events()[0], {"id"});

  EXPECT_EQ(service
                .post(in_session(id, "2025-06-18"),
                      R"({"jsonrpc":"2.0","id":)" + question + R"(,"result":{"roots":[]}})")
                .status,
            202);

  stream.body = client.read_chunk();
  EXPECT_EQ(text_in(stream.events().at(0)), json::quoted(R"({"r":{"roots":[]}})"));
}

// ---- batches

TEST(McpBatches, AreAnsweredTogetherWhereTheRevisionHasThem) {
  const Echo service;
  const std::string id = open_session(service, "2025-03-26");
  const std::string batch = "[" + legacy_request("ping", "{}", "1") + "," +
                            R"({"jsonrpc":"2.0","method":"notifications/initialized"},)" +
                            legacy_request("tools/call", R"({"name":"echo"})", R"("two")") + "," +
                            legacy_request("none", "{}", "3") + "]";

  const HttpAnswer answer = service.post(in_session(id, "2025-03-26"), batch);

  EXPECT_EQ(answer.status, 200);
  std::set<std::string> ids;
  for (const auto* const place : {"0", "1", "2"}) ids.insert(at(answer.body, {place, "id"}));
  EXPECT_EQ(ids, (std::set<std::string>{"1", R"("two")", "3"})) << answer.body;
}

TEST(McpBatches, OfNotificationsAloneHaveNoAnswer) {
  const Echo service;
  const std::string id = open_session(service, "2025-03-26");

  const HttpAnswer answer = service.post(
      in_session(id, "2025-03-26"), R"([{"jsonrpc":"2.0","method":"notifications/initialized"},)"
                                    R"({"jsonrpc":"2.0","id":"x","result":{}}])");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "");
}

TEST(McpBatches, AreRefusedWhereTheRevisionHasNone) {
  const Echo service;
  for (const std::string revision : {"2024-11-05", "2025-06-18", "2025-11-25"}) {
    expect_rows(service, {{revision, in_session(open_session(service, revision), revision),
                           "[" + legacy_request("ping") + "]", 400, "-32600"}});
  }
}

TEST(McpBatches, HoldNoInitialize) {
  const Echo service;
  const std::string initialize =
      legacy_request("initialize", R"({"protocolVersion":"2025-03-26"})");

  for (const std::string& batch :
       {"[" + initialize + "]", "[" + initialize + "," + legacy_request("ping") + "]"}) {
    const HttpAnswer answer = service.post(kPlain, batch);
    EXPECT_EQ(answer.status, 400) << batch;
    EXPECT_EQ(answer.header("Mcp-Session-Id"), "");
  }
}

}  // namespace
}  // namespace atonce::serve
