#include "http/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <latch>
#include <thread>

#include "http/loopback_server.h"

namespace atonce::http {
namespace {

using namespace std::chrono_literals;
using Peer = LoopbackServer::Peer;

constexpr auto kPatience = 20s;  // far above what anything here takes

ClientOptions direct() {
  ClientOptions options;
  options.proxies = {};
  return options;
}

Request get(const std::string& url) { return {.url = url, .timeout = kPatience}; }

// Reads one request, writes these bytes, closes.
LoopbackServer::Script once(std::string bytes) {
  return [bytes](Peer& peer) {
    if (peer.read()) peer.write(bytes);
  };
}

// Reads one request, writes these bytes, and says no more.
LoopbackServer::Script then_silence(std::string bytes) {
  return [bytes](Peer& peer) {
    if (!peer.read()) return;
    peer.write(bytes);
    peer.wait_until_closed();
  };
}

Error error_of(const std::string& bytes, ClientOptions options = direct()) {
  const LoopbackServer server(once(bytes));
  Client client(std::move(options));
  const auto response = client.send(get(server.url()));
  return response ? Error{ErrorCode::internal, "there was an answer: " + response->body}
                  : response.error();
}

TEST(HttpClient, GivesStatusHeadersInAnyCaseAndBody) {
  const LoopbackServer server([](Peer& peer) {
    if (peer.read())
      peer.answer(404, "<html>no</html>", "Content-Type: text/html\r\nX-A: 1\r\nX-A: 2\r\n");
  });
  Client client(direct());

  const auto response = client.send(get(server.url()));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "<html>no</html>");
  EXPECT_EQ(response->find("content-TYPE"), "text/html");
  EXPECT_EQ(response->find("x-a"), "1");
  EXPECT_EQ(response->find("missing"), std::nullopt);
}

TEST(HttpClient, SendsMethodTargetHeadersAndBody) {
  std::promise<Received> promise;
  const LoopbackServer server([&](Peer& peer) {
    promise.set_value(peer.read().value());
    peer.answer(200, "");
  });
  Client client(direct());
  const std::string large(5'000'000, 'x');

  const auto response = client.send({.method = "POST",
                                     .url = server.url("/a/b?c=d#fragment"),
                                     .headers = {{"X-Key", "secret"}},
                                     .body = large,
                                     .timeout = kPatience});

  ASSERT_TRUE(response) << response.error().message;
  const auto received = promise.get_future().get();
  EXPECT_EQ(received.method, "POST");
  EXPECT_EQ(received.target, "/a/b?c=d");
  EXPECT_EQ(received["host"], "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(received["x-key"], "secret");
  EXPECT_EQ(received["user-agent"], "atonce");
  EXPECT_EQ(received.body, large);
}

TEST(HttpClient, UsesAConnectionAgainForTheSameOrigin) {
  const LoopbackServer server([](Peer& peer) {
    while (const auto request = peer.read()) peer.answer(200, request->target);
  });
  Client client(direct());

  for (const char* path : {"/1", "/2", "/3"}) {
    const auto response = client.send(get(server.url(path)));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, path);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, OpensAnotherConnectionForAnotherOrigin) {
  const auto echo = [](Peer& peer) {
    while (peer.read()) peer.answer(200, "");
  };
  const LoopbackServer first(echo);
  const LoopbackServer second(echo);
  Client client(direct());

  EXPECT_TRUE(client.send(get(first.url())));
  EXPECT_TRUE(client.send(get(second.url())));

  EXPECT_EQ(first.connections(), 1U);
  EXPECT_EQ(second.connections(), 1U);
}

TEST(HttpClient, DoesNotUseAConnectionAgainThatTheServerWantsClosed) {
  const LoopbackServer server([](Peer& peer) {
    while (peer.read()) peer.answer(200, "", "Connection: close\r\n");
  });
  Client client(direct());

  EXPECT_TRUE(client.send(get(server.url())));
  EXPECT_TRUE(client.send(get(server.url())));

  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClient, AsksOnAFreshConnectionWhenTheKeptOneWasClosed) {
  const LoopbackServer server([](Peer& peer) {  // claims to keep the connection, and closes it
    if (peer.read()) peer.answer(200, "ok");
  });
  Client client(direct());

  for (int n = 0; n < 3; ++n) {
    const auto response = client.send({.method = "POST", .url = server.url(), .body = "{}"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "ok");
  }
  EXPECT_EQ(server.connections(), 3U);
}

TEST(HttpClient, DoesNotAskAgainOnceAKeptConnectionHasBegunToAnswer) {
  const LoopbackServer server([](Peer& peer) {
    if (peer.read()) peer.answer(200, "ok");
    if (peer.read()) peer.write("HTTP/1.1 200 OK\r\nConte");
  });
  Client client(direct());
  ASSERT_TRUE(client.send(get(server.url())));

  const auto response = client.send(get(server.url()));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::bad_response);
  EXPECT_TRUE(response.error().message.contains("in the middle of the answer's headers"));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, ReadsChunkedBodiesAndBodiesThatEndWithTheConnection) {
  const LoopbackServer chunked(once(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n"));
  const LoopbackServer closing(once("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
  Client client(direct());

  EXPECT_EQ(client.send(get(chunked.url()))->body, "Wikipedia");
  EXPECT_EQ(client.send(get(closing.url()))->body, "until the end");
}

TEST(HttpClient, SkipsInterimAnswers) {
  const LoopbackServer server(
      once("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  Client client(direct());

  const auto response = client.send(get(server.url()));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "ok");
}

TEST(HttpClient, DoesNotFollowRedirects) {
  const LoopbackServer server([](Peer& peer) {
    while (peer.read()) peer.answer(302, "", "Location: /elsewhere\r\n");
  });
  Client client(direct());

  const auto response = client.send(get(server.url()));

  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->find("location"), "/elsewhere");
}

TEST(HttpClient, HandsOnPiecesOfAGoodAnswerAsTheyArrive) {
  std::promise<void> first_is_there;
  const LoopbackServer server([&](Peer& peer) {
    if (!peer.read()) return;
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    first_is_there.get_future().wait();  // the second is not written before the first was taken
    peer.write("3\r\ntwo\r\n0\r\n\r\n");
  });
  Client client(direct());
  std::vector<std::string> pieces;

  const auto response = client.send(get(server.url()), [&](std::string_view piece) {
    if (pieces.empty()) first_is_there.set_value();
    pieces.emplace_back(piece);
    return true;
  });

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(pieces, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(response->body, "");
}

TEST(HttpClient, DoesNotWaitForTheRestOfAnAnswerThatIsNotWanted) {
  const LoopbackServer server([](Peer& peer) {
    if (!peer.read()) return;
    peer.write("HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    peer.wait_until_closed();  // the second never comes
  });
  Client client(direct());
  std::vector<std::string> pieces;

  for (int n = 0; n < 2; ++n) {
    const auto response = client.send(get(server.url()), [&](std::string_view piece) {
      pieces.emplace_back(piece);
      return false;
    });

    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->find("x-a"), "1");
  }
  EXPECT_EQ(pieces, (std::vector<std::string>{"one", "one"}));
  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClient, HandsOnNothingAfterThePieceThatWasEnough) {
  const LoopbackServer server(once(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  Client client(direct());
  std::string taken;

  const auto response = client.send(get(server.url()), [&](std::string_view piece) {
    taken += piece;
    return false;
  });

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(taken, "one");
}

TEST(HttpClient, KeepsTheBodyOfARefusalTogether) {
  const LoopbackServer server(once("HTTP/1.1 429 Slow\r\nContent-Length: 4\r\n\r\nwait"));
  Client client(direct());
  bool was_called = false;

  const auto response =
      client.send(get(server.url()), [&](std::string_view) { return was_called = true; });

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "wait");
  EXPECT_FALSE(was_called);
}

TEST(HttpClient, SaysHowMuchOfABodyCameBeforeTheServerClosed) {
  const Error sized = error_of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
  EXPECT_EQ(sized.code, ErrorCode::bad_response);
  EXPECT_TRUE(sized.message.ends_with("closed the connection after 10 of 100 bytes of the body"))
      << sized.message;

  const Error chunked =
      error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo");
  EXPECT_EQ(chunked.code, ErrorCode::bad_response);
  EXPECT_TRUE(chunked.message.ends_with("before the end of the body, after 7 bytes of it"))
      << chunked.message;
}

TEST(HttpClient, CallsAServerThatClosesWithoutAnAnswerUnavailable) {
  const Error error = error_of("");

  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_TRUE(error.message.ends_with("closed the connection without an answer")) << error.message;
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "{\"error\": 1}\r\n\r\n",
                            "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    const Error error = error_of(bytes);
    EXPECT_EQ(error.code, ErrorCode::bad_response) << bytes << ": " << error.message;
    EXPECT_TRUE(error.message.contains("is not HTTP")) << bytes << ": " << error.message;
  }
}

TEST(HttpClient, RefusesABodyOverTheLimit) {
  ClientOptions options = direct();
  options.max_body_bytes = 10;
  for (const char* bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n"
                            "6\r\n678901\r\n0\r\n\r\n",
                            "HTTP/1.0 200 OK\r\n\r\n01234567890"}) {
    const Error error = error_of(bytes, options);
    EXPECT_EQ(error.code, ErrorCode::bad_response);
    EXPECT_TRUE(error.message.ends_with("is larger than the limit of 10 bytes")) << error.message;
  }
}

TEST(HttpClient, RefusesHeadersOverTheLimit) {
  ClientOptions options = direct();
  options.max_header_bytes = 1000;

  const Error error =
      error_of("HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", options);

  EXPECT_EQ(error.code, ErrorCode::bad_response);
  EXPECT_TRUE(error.message.ends_with("headers of more than the limit of 1000 bytes"))
      << error.message;
}

TEST(HttpClient, GivesUpOnAServerThatNeverAnswersOrStopsInItsHeadersOrBody) {
  for (const char* bytes : {"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}) {
    const LoopbackServer server(then_silence(bytes));
    Client client(direct());

    const auto response = client.send({.url = server.url(), .timeout = 60ms});

    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::timed_out);
    EXPECT_TRUE(response.error().message.ends_with("gave no whole answer within 60 ms"));
  }
}

TEST(HttpClient, WorksAgainAfterATimeout) {
  std::atomic<bool> is_silent = true;
  const LoopbackServer server([&](Peer& peer) {
    while (peer.read()) {
      if (is_silent.exchange(false)) return peer.wait_until_closed();
      peer.answer(200, "ok");
    }
  });
  Client client(direct());
  EXPECT_FALSE(client.send({.url = server.url(), .timeout = 60ms}));

  const auto response = client.send(get(server.url()));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
}

TEST(HttpClient, IsCancelledFromAnotherThreadWhileItWaitsAndStaysSo) {
  std::latch has_asked{1};
  const LoopbackServer server([&](Peer& peer) {
    if (!peer.read()) return;
    has_asked.count_down();
    peer.wait_until_closed();
  });
  Client client(direct());
  std::thread canceller([&] {
    has_asked.wait();
    client.cancel();
  });

  const auto response = client.send(get(server.url()));
  canceller.join();
  const auto later = client.send(get(server.url()));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::cancelled);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::cancelled);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, SaysThatAConnectionWasRefused) {
  unsigned short port = 0;
  {
    const LoopbackServer gone([](Peer&) {});
    port = gone.port();
  }
  Client client(direct());

  const auto response = client.send(get("http://127.0.0.1:" + std::to_string(port)));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
  EXPECT_EQ(response.error().message,
            "no connection to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  EXPECT_FALSE(response.error().hint.empty());
}

TEST(HttpClient, SaysThatAHostCannotBeFound) {
  ClientOptions options = direct();
  options.connect_timeout = 5s;  // a machine without a name server may take long to say so
  Client client(options);

  const auto response = client.send(get("http://no-such-host.invalid/"));

  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().code == ErrorCode::not_found ||
              response.error().code == ErrorCode::unavailable);
  EXPECT_TRUE(response.error().message.contains("no-such-host.invalid"));
}

TEST(HttpClient, RefusesUrlsThatAreNone) {
  Client client(direct());
  for (const char* url : {"", "example.com", "ftp://example.com/", "http://", "http:///path",
                          "http://host:99999/", "http://host:x/", "http://[::1/", "http://[host]/",
                          "http://a b/", "http://host/\r\nX: y", "http://user:pass@host/"}) {
    const auto response = client.send(get(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::bad_input) << url;
    EXPECT_FALSE(response.error().message.contains("pass")) << response.error().message;
  }
}

TEST(HttpClient, RefusesHeadersThatWouldBreakTheMessageWithoutShowingTheirValue) {
  Client client(direct());

  const auto response =
      client.send({.url = "http://127.0.0.1:1/", .headers = {{"X-Key", "secret\r\nX: y"}}});

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::bad_input);
  EXPECT_TRUE(response.error().message.contains("X-Key"));
  EXPECT_FALSE(response.error().message.contains("secret"));
}

}  // namespace
}  // namespace atonce::http
