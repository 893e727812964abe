#include "serve/front.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "serve/http_fixture.h"

namespace atonce::serve {
namespace {

call::Outcome echo(const call::Call& call, CallControl&) { return call::Returned{call.arguments}; }

const std::string kList = ModernRequest{.method = "tools/list"}.text();

struct Plain : HttpService {
  explicit Plain(FrontOptions front_options = {}) {
    options = std::move(front_options);
    add_tool("echo", echo);
    listen();
  }
  [[nodiscard]] HttpAnswer list(const std::string& more = "") const {
    return post(modern_headers("tools/list") + more, kList);
  }
};

// ---- paths

TEST(Front, KnowsItsPaths) {
  const Plain service({.metrics = [] { return std::string("figures\n"); }});

  EXPECT_EQ(service.request("GET", "/healthz").body, "alive\n");
  EXPECT_EQ(service.request("GET", "/readyz").body, "ready\n");
  const HttpAnswer metrics = service.request("GET", "/metrics");
  EXPECT_EQ(metrics.body, "figures\n");
  EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(service.list().status, 200);
  EXPECT_EQ(service.request("GET", "/healthz?x=1").status, 200);
}

TEST(Front, SaysWhereThingsAreWhenAPathIsNone) {
  const Plain service;
  for (const std::string path : {"/", "/mcp2", "/mcp/x", "/metrics", "/MCP"}) {
    const HttpAnswer answer = service.request("GET", path);

    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_TRUE(answer.body.contains("/mcp")) << path;
  }
}

// ---- doors

TEST(Front, RefusesForeignHostsAndPagesAndNamesTheFlag) {
  const Plain service({.metrics = [] { return std::string(); }});
  HttpClient client = service.client();
  client.raw.send("POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}");
  const HttpAnswer host = client.read();
  const HttpAnswer origin = service.list("Origin: https://evil.example\r\n");

  EXPECT_EQ(host.status, 421);
  EXPECT_TRUE(host.body.contains("--allowed-hosts evil.example")) << host.body;
  EXPECT_EQ(origin.status, 403);
  EXPECT_TRUE(origin.body.contains("--allowed-origins https://evil.example")) << origin.body;
  EXPECT_EQ(service.list("Origin: null\r\n").status, 403);
  EXPECT_EQ(service.list("Origin: http://localhost:3000\r\n").status, 200);
  EXPECT_EQ(service.request("GET", "/metrics", "Origin: https://evil.example\r\n").status, 403);
}

TEST(Front, RefusesAPageBeforeItLooksAtItsRequest) {
  const Plain service;

  EXPECT_EQ(
      service.post("Origin: https://evil.example\r\nContent-Type: text/plain\r\n", "{").status,
      403);
}

// ---- callers

class TokenFile {
 public:
  TokenFile() { std::ofstream(path) << "ann one\nbob two\n"; }
  ~TokenFile() { std::filesystem::remove(path); }
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("atonce-front-" + std::to_string(::getpid()));
};

TEST(Front, KnowsItsCallersByTheirTokens) {
  const TokenFile file;
  const auto tokens = *Tokens::read(file.path);
  const Plain service({.tokens = tokens.get(), .metrics = [] { return std::string(); }});

  const HttpAnswer none = service.list();
  const HttpAnswer wrong = service.list("Authorization: Bearer three\r\n");

  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  EXPECT_FALSE(wrong.body.contains("three"));
  EXPECT_EQ(service.list("Authorization: Bearer one\r\n").status, 200);
  EXPECT_EQ(service.list("authorization: BEARER  two \r\n").status, 200);
  for (const std::string header : {"Basic one", "one", "Bearer", "Bearer ", "Bearerone"}) {
    EXPECT_EQ(service.list("Authorization: " + header + "\r\n").status, 401) << header;
  }
  EXPECT_EQ(service.request("GET", "/metrics").status, 401);
  EXPECT_EQ(service.request("GET", "/healthz").status, 200);
  EXPECT_EQ(service.request("GET", "/readyz").status, 200);
}

TEST(Front, KeepsOneCallerOutOfAnothersSession) {
  const TokenFile file;
  const auto tokens = *Tokens::read(file.path);
  const Plain service({.tokens = tokens.get()});
  const std::string id =
      service.post(kPlain + "Authorization: Bearer one\r\n", legacy_request("initialize"))
          .header("Mcp-Session-Id");
  const auto ping_as = [&](const std::string& token) {
    return service
        .post(kPlain + "Mcp-Session-Id: " + id + "\r\nAuthorization: Bearer " + token + "\r\n",
              legacy_request("ping"))
        .status;
  };

  EXPECT_EQ(ping_as("one"), 200);
  EXPECT_EQ(ping_as("two"), 404);
}

TEST(Front, LetsACallerAskNoMoreOftenThanItMay) {
  engine::FakeClock clock;
  RateLimit limit(0.5, clock);
  const TokenFile file;
  const auto tokens = *Tokens::read(file.path);
  const Plain service({.tokens = tokens.get(), .rate_limit = &limit});

  EXPECT_EQ(service.list("Authorization: Bearer one\r\n").status, 200);
  const HttpAnswer second = service.list("Authorization: Bearer one\r\n");

  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(second.header("Retry-After"), "2");
  EXPECT_EQ(service.list("Authorization: Bearer two\r\n").status, 200);
  EXPECT_EQ(service.request("GET", "/healthz").status, 200);
}

// ---- before the tools are there, and at the end

TEST(Front, HoldsRequestsUntilTheToolsAreThere) {
  HttpService service;
  service.add_tool("echo", echo);
  service.open();
  service.listen_only();
  HttpClient waiting = service.client();
  waiting.post(modern_headers("tools/list"), kList);

  EXPECT_EQ(service.request("GET", "/healthz").status, 200);
  const HttpAnswer ready = service.request("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "the tools are being loaded\n");
  service.open_front();

  EXPECT_EQ(waiting.read().status, 200);
  EXPECT_EQ(service.request("GET", "/readyz").status, 200);
}

TEST(Front, HoldsOnlySoMany) {
  HttpService service;
  service.add_tool("echo", echo);
  service.open();
  service.options.most_waiting = 0;
  service.listen_only();

  const HttpAnswer answer = service.post(modern_headers("tools/list"), kList);

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
}

TEST(Front, IsNotReadyForAReason) {
  std::optional<std::string> why = "17 calls are stuck";
  const Plain service({.not_ready = [&] { return why; }});

  const HttpAnswer answer = service.request("GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "17 calls are stuck\n");
  why.reset();
  EXPECT_EQ(service.request("GET", "/readyz").status, 200);
  service.front->close();
  EXPECT_EQ(service.request("GET", "/readyz").body, "the server is ending\n");
  EXPECT_EQ(service.list().status, 200) << "what comes anyway is answered";
}

}  // namespace
}  // namespace atonce::serve
