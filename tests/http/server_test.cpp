#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "http/client.h"
#include "http/raw_client.h"

namespace atonce::http {
namespace {

using namespace std::chrono_literals;

ServerOptions quick(ServerOptions options = {}) {
  options.port = 0;
  return options;
}

std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {}) {
  auto server = Server::listen(quick(std::move(options)), std::move(handler));
  if (!server) ADD_FAILURE() << server.error().message;
  return server ? *std::move(server) : nullptr;
}

// Tells what it was asked.
void echo(const std::shared_ptr<Exchange>& exchange) {
  const Incoming& request = exchange->request();
  exchange->answer(200, "X-Kind: echo\r\n",
                   std::string(request.method()) + " " + std::string(request.target()) + " " +
                       std::string(request.body()));
}

std::string echoed(const std::string& text) {
  return "HTTP/1.1 200 OK\r\nX-Kind: echo\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\n\r\n" + text;
}

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n";
}

std::string post(const std::string& body, const std::string& headers = "") {
  return "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

// Where exchanges wait for the test to answer them.
class Desk {
 public:
  [[nodiscard]] Handler handler() {
    return [this](std::shared_ptr<Exchange> exchange) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(exchange));
      came_.notify_all();
    };
  }

  std::shared_ptr<Exchange> take() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, 20s, [this] { return !waiting_.empty(); })) return nullptr;
    auto exchange = std::move(waiting_.front());
    waiting_.pop_front();
    return exchange;
  }

  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::shared_ptr<Exchange>> waiting_;
};

// Something that a test waits for, and that happens once.
class Event {
 public:
  [[nodiscard]] std::function<void()> setter() {
    return [this] { promise_.set_value(); };
  }
  [[nodiscard]] bool happens() { return future_.wait_for(20s) == std::future_status::ready; }
  [[nodiscard]] bool has_happened() { return future_.wait_for(0s) == std::future_status::ready; }

 private:
  std::promise<void> promise_;
  std::future<void> future_ = promise_.get_future();
};

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  const auto server = serve(echo);
  RawClient client(server->port());

  client.send(get("/a?b=c"));
  EXPECT_EQ(client.read_answer(), echoed("GET /a?b=c "));
  client.send(post("hello"));
  EXPECT_EQ(client.read_answer(), echoed("POST / hello"));
}

TEST(HttpServer, SaysTheDateAndEndsWhenAskedTo) {
  const auto server = serve(echo);
  RawClient client(server->port());

  client.send(get("/", "Connection: close\r\n"));
  const std::string answer = client.read_all();

  EXPECT_TRUE(answer.contains("\r\nDate: ")) << answer;
  EXPECT_TRUE(answer.contains(" GMT\r\n")) << answer;
  EXPECT_TRUE(answer.contains("\r\nConnection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("GET / ")) << answer;
}

TEST(HttpServer, ShowsTheRequestAsItCame) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  client.send("PATCH /x HTTP/1.1\r\nhOST: here\r\nX-Two:  one \r\nx-two:two\r\nEmpty:\r\n\r\n");

  const auto exchange = desk.take();
  ASSERT_TRUE(exchange);
  client.close();  // the request stays, whatever becomes of the client
  Event gone;
  exchange->on_gone(gone.setter());
  ASSERT_TRUE(gone.happens());
  const Incoming& request = exchange->request();

  EXPECT_EQ(request.method(), "PATCH");
  EXPECT_EQ(request.target(), "/x");
  EXPECT_EQ(request.remote(), "127.0.0.1");
  EXPECT_EQ(request.find("host"), "here");
  EXPECT_EQ(request.find("X-TWO"), "one");
  EXPECT_EQ(request.count("X-Two"), 2U);
  EXPECT_EQ(request.find("empty"), "");
  EXPECT_EQ(request.find("x-three"), std::nullopt);
  ASSERT_EQ(request.headers().size(), 4U);
  EXPECT_EQ(request.headers()[0].name, "hOST");
}

TEST(HttpServer, AnswersPipelinedRequestsOneAfterTheOther) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  client.send(get("/1") + post("two") + get("/3"));

  for (const std::string target : {"/1", "/", "/3"}) {
    const auto exchange = desk.take();
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->request().target(), target);
    EXPECT_EQ(desk.size(), 0U);
    echo(exchange);
  }
  EXPECT_EQ(client.read_answer(), echoed("GET /1 "));
  EXPECT_EQ(client.read_answer(), echoed("POST / two"));
  EXPECT_EQ(client.read_answer(), echoed("GET /3 "));
}

TEST(HttpServer, ReadsRequestsThatComeByteByByte) {
  const auto server = serve(echo);
  const std::string chunked =
      "POST /c HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
  RawClient client(server->port());

  for (const std::string& request : {post("plain"), chunked, get("/after")}) {
    for (const char byte : "\r\n" + request) client.send({&byte, 1});
  }

  EXPECT_EQ(client.read_answer(), echoed("POST / plain"));
  EXPECT_EQ(client.read_answer(), echoed("POST /c hello world"));
  EXPECT_EQ(client.read_answer(), echoed("GET /after "));
}

TEST(HttpServer, ReadsAChunkedBodyThatIsCutAnywhere) {
  const auto server = serve(echo);
  const std::string head = "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string body : {"0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n"}) {
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      RawClient client(server->port());
      // The answer to a request before it shows that the server is there.
      client.send(get("/") + head + body.substr(0, cut));
      EXPECT_EQ(client.read_answer(), echoed("GET / "));
      client.send(body.substr(cut));
      EXPECT_EQ(client.read_answer(), echoed(body.size() > 5 ? "POST / abc" : "POST / "));
    }
  }
}

TEST(HttpServer, AsksForABodyThatWaitsToBeAskedFor) {
  const auto server = serve(echo);
  RawClient client(server->port());

  client.send("POST / HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(client.read_answer(), echoed("POST / hi"));
}

TEST(HttpServer, DoesNotAskForABodyThatIsTooLarge) {
  const auto server = serve(echo);
  RawClient client(server->port());

  client.send(
      "POST / HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");

  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
}

TEST(HttpServer, RefusesBodiesOverTheLimitOfTheirRoute) {
  const auto server = serve(echo, {.max_body_bytes = [](std::string_view, std::string_view target) {
                              return std::size_t{target == "/big" ? 100U : 10U};
                            }});
  const auto ask = [&](const std::string& target, std::size_t size, bool is_chunked) {
    RawClient client(server->port());
    const std::string body(size, 'x');
    const std::string length = "Content-Length: " + std::to_string(size) + "\r\n\r\n";
    client.send("POST " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
                (is_chunked ? "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n32\r\n" + body +
                                  "\r\n0\r\n\r\n"
                            : length + body));
    return client.read_all().substr(9, 3);
  };

  EXPECT_EQ(ask("/", 10, false), "200");
  EXPECT_EQ(ask("/", 11, false), "413");
  EXPECT_EQ(ask("/big", 100, false), "200");
  EXPECT_EQ(ask("/big", 101, false), "413");
  EXPECT_EQ(ask("/big", 50, true), "200");
  EXPECT_EQ(ask("/", 50, true), "413");
}

TEST(HttpServer, TellsAClientThatStillSendsThatItsBodyIsTooLarge) {
  const auto server = serve(echo);
  RawClient client(server->port());

  client.send(post(std::string(std::size_t{5} << 20, 'x')));

  EXPECT_TRUE(client.read_all().contains("the body is larger than the limit\n"));
}

TEST(HttpServer, RefusesHeadersOverTheLimits) {
  const auto server = serve(echo, {.max_header_bytes = 1000, .max_headers = 5});
  const auto ask = [&](const std::string& request) {
    RawClient client(server->port());
    client.send(request);
    return client.read_all().substr(9, 3);
  };
  const std::string fixed = get("/", "Connection: close\r\nX: \r\n");
  const auto of_bytes = [&](std::size_t bytes) {
    return get("/", "Connection: close\r\nX: " + std::string(bytes - fixed.size(), 'x') + "\r\n");
  };

  EXPECT_EQ(ask(of_bytes(1000)), "200");
  EXPECT_EQ(ask(of_bytes(1001)), "431");
  EXPECT_EQ(ask("GET /" + std::string(2000, 'x')), "431");  // no end is waited for
  EXPECT_EQ(ask(get("/", "Connection: close\r\nA: 1\r\nB: 2\r\nC: 3\r\n")), "200");
  EXPECT_EQ(ask(get("/", "Connection: close\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n")), "431");
}

TEST(HttpServer, RefusesWhatIsNotHttpAndCloses) {
  struct Case {
    std::string bytes;
    std::string status;
  };
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string with = "POST / HTTP/1.1\r\nHost: a\r\n";
  const Case cases[] = {
      {std::string("\x16\x03\x01\x02\x00\x01\x00", 7), "400"},  // TLS
      {"GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},  // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\r\n\r\n", "400"},
      {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nSpace : b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nFolded: b\r\n c\r\n\r\n", "400"},
      {get("/", "Null: " + std::string(1, '\0') + "\r\n"), "400"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {with + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "400"},
      {with + "Content-Length: -5\r\n\r\n", "400"},
      {with + "Content-Length: 0x5\r\n\r\nhello", "400"},
      {with + "Content-Length: 99999999999999999999\r\n\r\n", "400"},
      {with + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {with + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400"},
      {with + "Transfer-Encoding: gzip\r\n\r\n", "501"},
      {with + "Transfer-Encoding: chunked, gzip\r\n\r\n", "501"},
      {with + "Transfer-Encoding: xchunked\r\n\r\n", "501"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {with + "Expect: more\r\n\r\n", "417"},
      {chunked + "x\r\nhello\r\n0\r\n\r\n", "400"},
      {chunked + "5\r\nhelloXX0\r\n\r\n", "400"},
      {chunked + "5 \r\nhello\r\n0\r\n\r\n", "400"},
      {chunked + "5\nhello\r\n0\r\n\r\n", "400"},
      {chunked + "fffffffffffffffff\r\nhello\r\n0\r\n\r\n", "400"},
      {chunked + "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", "413"},
      {chunked + "5;" + std::string(20'000, 'x'), "400"},
      {chunked + "0\r\nA: " + std::string(20'000, 'x'), "400"},
  };
  const auto server = serve([](std::shared_ptr<Exchange> exchange) {
    ADD_FAILURE() << "a bad request was handed over: " << exchange->request().target();
  });
  for (const Case& each : cases) {
    RawClient client(server->port());
    client.send(each.bytes);
    const std::string answer = client.read_all();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + each.status) << each.bytes << "\n" << answer;
    EXPECT_TRUE(answer.contains("\r\nConnection: close\r\n")) << each.bytes;
    EXPECT_TRUE(answer.contains("\r\nContent-Type: text/plain\r\n")) << each.bytes;
    EXPECT_FALSE(answer.ends_with("...")) << each.bytes;
  }
}

TEST(HttpServer, SendsNoBodyWhereThereIsNone) {
  const auto server = serve([](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().target() == "/pieces") {
      exchange->begin(200, "");
      EXPECT_TRUE(exchange->write("dropped"));
      exchange->end();
    } else {
      exchange->answer(exchange->request().target() == "/empty" ? 204 : 200, "", "four");
    }
  });
  RawClient client(server->port());
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/empty") +
              "HEAD /pieces HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"));

  EXPECT_TRUE(client.read_until("\r\n\r\n").ends_with("GMT\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 204 No Content\r\nDate:"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").ends_with("GMT\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour");
}

TEST(HttpServer, SendsAnAnswerInPieces) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  client.send(get("/") + get("/next"));
  const auto exchange = desk.take();

  exchange->begin(201, "X: y\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 201 Created\r\n")) << head;
  EXPECT_TRUE(head.ends_with("\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n")) << head;
  EXPECT_TRUE(exchange->write("first piece, of 30 characters."));
  EXPECT_EQ(client.read_until(".\r\n"), "1e\r\nfirst piece, of 30 characters.\r\n");
  EXPECT_TRUE(exchange->write(""));  // not the end
  EXPECT_TRUE(exchange->write("b"));
  exchange->end();
  EXPECT_FALSE(exchange->write("after the end"));
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "1\r\nb\r\n0\r\n\r\n");

  echo(desk.take());
  EXPECT_EQ(client.read_answer(), echoed("GET /next "));
}

TEST(HttpServer, SpeaksHttp10) {
  const auto server = serve([](const std::shared_ptr<Exchange>& exchange) {
    if (exchange->request().target() == "/") return echo(exchange);
    exchange->begin(200, "");
    exchange->write("to the ");
    exchange->write("end");
    exchange->end();
  });
  RawClient client(server->port());

  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(client.read_answer().contains("\r\nConnection: keep-alive\r\n"));
  client.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").ends_with("GMT\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client.read_all(), "to the end");

  RawClient other(server->port());
  other.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(other.read_all().ends_with("Connection: close\r\n\r\nGET / "));
}

TEST(HttpServer, OnlyTheFirstAnswerCounts) {
  const auto server = serve([](const std::shared_ptr<Exchange>& exchange) {
    echo(exchange);
    exchange->answer(500, "", "second");
    exchange->begin(500, "");
    EXPECT_FALSE(exchange->write("third"));
    exchange->end();
  });
  RawClient client(server->port());
  client.send(get("/1") + get("/2"));

  EXPECT_EQ(client.read_answer(), echoed("GET /1 "));
  EXPECT_EQ(client.read_answer(), echoed("GET /2 "));
}

TEST(HttpServer, AnswersWhatEverybodyHasLetGoOf) {
  const auto server = serve([](const std::shared_ptr<Exchange>& exchange) {
    if (exchange->request().target() == "/begun") exchange->begin(200, "");
    if (exchange->request().target() == "/ok") echo(exchange);
  });
  RawClient client(server->port());
  client.send(get("/") + get("/ok") + get("/begun") + get("/never"));

  EXPECT_EQ(client.read_answer(),
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.read_answer(), echoed("GET /ok "));
  EXPECT_FALSE(client.read_all().contains("0\r\n\r\n"));  // cut off, not ended
}

TEST(HttpServer, AnExchangeThatIsKeptAfterItsAnswerDisturbsNobody) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  std::vector<std::shared_ptr<Exchange>> kept;
  for (int i = 0; i < 3; ++i) {
    client.send(get("/" + std::to_string(i)));
    kept.push_back(desk.take());
    echo(kept.back());
    EXPECT_EQ(client.read_answer(), echoed("GET /" + std::to_string(i) + " "));
  }
  for (const auto& exchange : kept) exchange->answer(500, "", "late");

  EXPECT_EQ(kept[0]->request().target(), "/0");
  EXPECT_EQ(kept[2]->request().target(), "/2");
  client.send(get("/end"));
  echo(desk.take());
  EXPECT_EQ(client.read_answer(), echoed("GET /end "));
}

TEST(HttpServer, NoticesAClientThatLeavesWhileItsAnswerIsAwaited) {
  for (const bool is_reset : {false, true}) {
    Desk desk;
    const auto server = serve(desk.handler());
    RawClient client(server->port());
    client.send(get("/") + get("/sent ahead"));
    const auto exchange = desk.take();
    Event gone;
    exchange->on_gone(gone.setter());

    if (is_reset) {
      client.reset();
    } else {
      client.close();
    }

    EXPECT_TRUE(gone.happens());
    Event at_once;
    exchange->on_gone(at_once.setter());
    EXPECT_TRUE(at_once.has_happened());
    exchange->begin(200, "");
    EXPECT_FALSE(exchange->write("for nobody"));
    EXPECT_TRUE(server->wait_until_idle(20s));
    EXPECT_EQ(desk.size(), 0U);  // what was sent ahead is nobody's
  }
}

TEST(HttpServer, NoticesAClientThatLeavesInTheMiddleOfAnAnswer) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  client.send(get("/"));
  const auto exchange = desk.take();
  Event gone;
  exchange->on_gone(gone.setter());
  exchange->begin(200, "");
  EXPECT_TRUE(exchange->write("piece"));
  EXPECT_TRUE(client.read_until("piece").ends_with("piece"));

  client.close();

  EXPECT_TRUE(gone.happens());
  EXPECT_FALSE(exchange->write("more"));
}

TEST(HttpServer, NobodyIsGoneOnceTheAnswerIsSent) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port());
  client.send(get("/"));
  auto exchange = desk.take();
  auto gone = std::make_shared<std::atomic<bool>>(false);
  exchange->on_gone([gone] { *gone = true; });
  echo(exchange);
  EXPECT_EQ(client.read_answer(), echoed("GET / "));
  client.send(get("/2"));
  const auto second = desk.take();  // so the first is over
  EXPECT_EQ(gone.use_count(), 1);   // and what waited for its end is dropped

  exchange->on_gone([gone] { *gone = true; });
  EXPECT_FALSE(*gone);
}

TEST(HttpServer, AnAnswerThatAnotherThreadSentIsNotLostByAClientThatLeavesAfterIt) {
  Desk desk;
  const auto server = serve(desk.handler());
  for (int round = 0; round < 50; ++round) {
    RawClient client(server->port());
    client.send(get("/"));
    const auto exchange = desk.take();
    auto gone = std::make_shared<std::atomic<bool>>(false);
    exchange->on_gone([gone] { *gone = true; });
    echo(exchange);
    EXPECT_EQ(client.read_answer(), echoed("GET / "));
    client.close();
    EXPECT_TRUE(server->wait_until_idle(20s));
    exchange->on_gone([gone] { *gone = true; });
    EXPECT_FALSE(*gone);
  }
}

TEST(HttpServer, CutsOffAClientThatDoesNotReadWhatIsWritten) {
  Desk desk;
  Event gone;
  const auto server = serve(desk.handler(), {.max_unsent_bytes = std::size_t{1} << 20});
  RawClient client(server->port(), 4096);
  client.send(get("/"));
  const auto exchange = desk.take();
  exchange->on_gone(gone.setter());
  exchange->begin(200, "");
  RawClient other(server->port());

  // Once another is answered, the session was woken for the piece before: sooner or later it is
  // stuck in sending.
  const std::string piece(std::size_t{64} << 10, 'x');
  std::size_t written = 0;
  while (written < 1000 && exchange->write(piece)) {
    ++written;
    other.send(get("/"));
    echo(desk.take());
    EXPECT_EQ(other.read_answer(), echoed("GET / "));
  }

  EXPECT_GE(written, 15U);
  EXPECT_LT(written, 1000U);
  EXPECT_TRUE(gone.happens());
  EXPECT_FALSE(client.read_all().contains("\r\n0\r\n\r\n"));
}

TEST(HttpServer, SendsALargeAnswerToAClientThatReadsLate) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient client(server->port(), 4096);
  client.send(get("/") + get("/next"));
  const std::string body(std::size_t{12} << 20, 'x');  // more than max_unsent_bytes: it is whole
  desk.take()->answer(200, "", body);

  client.read_until("\r\n\r\n");
  EXPECT_TRUE(client.read_bytes(body.size()) == body);
  echo(desk.take());
  EXPECT_EQ(client.read_answer(), echoed("GET /next "));
}

TEST(HttpServer, CutsOffAClientThatTakesNothing) {
  Desk desk;
  const auto server = serve(desk.handler(), {.write_timeout = 100ms});
  RawClient client(server->port(), 4096);
  client.send(get("/"));
  const auto exchange = desk.take();
  Event gone;
  exchange->on_gone(gone.setter());

  exchange->answer(200, "", std::string(std::size_t{32} << 20, 'x'));

  EXPECT_TRUE(gone.happens());
}

TEST(HttpServer, DoesNotWaitForSlowSenders) {
  const auto ask = [](const ServerOptions& options, const std::string& bytes) {
    const auto server = serve(echo, options);
    RawClient client(server->port());
    client.send(bytes);
    return client.read_all();
  };
  const std::string late = "HTTP/1.1 408 Request Timeout\r\n";

  EXPECT_TRUE(ask({.header_timeout = 50ms}, "GET / HT").starts_with(late));
  EXPECT_TRUE(ask({.body_timeout = 50ms}, post("hello").substr(0, 53)).starts_with(late));
  EXPECT_EQ(ask({.idle_timeout = 50ms}, ""), "");
  EXPECT_EQ(ask({.idle_timeout = 50ms}, get("/")).substr(9, 3), "200");
}

TEST(HttpServer, ACallThatTakesLongerThanAllTimeoutsIsAnswered) {
  Desk desk;
  const auto server = serve(
      desk.handler(),
      {.header_timeout = 20ms, .body_timeout = 20ms, .idle_timeout = 100ms, .write_timeout = 20ms});
  RawClient other(server->port());
  RawClient client(server->port());
  client.send(get("/"));
  const auto exchange = desk.take();
  EXPECT_EQ(other.read_all(), "");  // idle as long as `client` waits, and closed for it

  echo(exchange);
  EXPECT_EQ(client.read_answer(), echoed("GET / "));
}

TEST(HttpServer, ClosesTheLongestIdleConnectionToMakeRoom) {
  const auto server = serve(echo, {.max_connections = 2});
  RawClient first(server->port());
  first.send(get("/first"));
  EXPECT_EQ(first.read_answer(), echoed("GET /first "));
  RawClient second(server->port());
  second.send(get("/second"));
  EXPECT_EQ(second.read_answer(), echoed("GET /second "));
  first.send(get("/again"));
  EXPECT_EQ(first.read_answer(), echoed("GET /again "));

  RawClient third(server->port());
  third.send(get("/third"));

  EXPECT_EQ(third.read_answer(), echoed("GET /third "));
  EXPECT_EQ(second.read_all(), "");
  first.send(get("/still"));
  EXPECT_EQ(first.read_answer(), echoed("GET /still "));
}

TEST(HttpServer, AConnectionIsIdleOnceAnotherThreadHasSentItsAnswer) {
  Desk desk;
  const auto server = serve(desk.handler(), {.max_connections = 1});
  RawClient first(server->port());
  first.send(get("/first"));
  echo(desk.take());
  EXPECT_EQ(first.read_answer(), echoed("GET /first "));

  RawClient second(server->port());
  second.send(get("/second"));
  const auto exchange = desk.take();
  ASSERT_TRUE(exchange) << second.read_all();
  echo(exchange);
  EXPECT_EQ(second.read_answer(), echoed("GET /second "));
  EXPECT_EQ(first.read_all(), "");
}

TEST(HttpServer, RefusesAConnectionWhenAllOthersAreBusy) {
  Desk desk;
  const auto server = serve(desk.handler(), {.max_connections = 1});
  RawClient busy(server->port());
  busy.send(get("/"));
  const auto exchange = desk.take();

  RawClient refused(server->port());
  refused.send(get("/"));
  const std::string answer = refused.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
  EXPECT_TRUE(answer.contains("\r\nRetry-After: 1\r\n")) << answer;

  echo(exchange);
  EXPECT_EQ(busy.read_answer(), echoed("GET / "));
}

TEST(HttpServer, ServesManyConnectionsFromManyThreads) {
  constexpr int kConnections = 400;
  constexpr int kRounds = 5;
  Desk desk;
  const auto server = serve(desk.handler(), {.threads = 2});
  std::vector<std::jthread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (const auto exchange = desk.take()) {
        if (exchange->request().target() == "/stop") return exchange->answer(200, "", "");
        exchange->on_gone([] {});
        if (exchange->request().target().ends_with("1")) {
          exchange->begin(200, "");
          exchange->write(exchange->request().target());
          exchange->end();
        } else {
          echo(exchange);
        }
      }
    });
  }
  std::vector<RawClient> clients;
  for (int i = 0; i < kConnections; ++i) clients.emplace_back(server->port());
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kConnections; ++i) {
      clients[static_cast<std::size_t>(i)].send(get("/" + std::to_string(i)));
    }
    for (int i = 0; i < kConnections; ++i) {
      const std::string target = "/" + std::to_string(i);
      RawClient& client = clients[static_cast<std::size_t>(i)];
      if (target.ends_with("1")) {
        EXPECT_TRUE(client.read_until("0\r\n\r\n").contains("\r\n" + target + "\r\n0\r\n\r\n"));
      } else {
        EXPECT_EQ(client.read_answer(), echoed("GET " + target + " "));
      }
    }
  }
  for (std::size_t i = 0; i < workers.size(); ++i) clients[i].send(get("/stop"));
}

TEST(HttpServer, ClientsThatLeaveAtAnyTimeAreHarmless) {
  Desk desk;
  const auto server = serve(desk.handler(), {.threads = 2});
  constexpr int kClients = 200;
  std::atomic<int> over = 0;
  std::jthread worker([&] {
    for (int i = 0; i < kClients; ++i) {
      const auto exchange = desk.take();
      if (!exchange) return;
      exchange->on_gone([&over] { ++over; });
      exchange->begin(200, "");
      for (int piece = 0; piece < 5; ++piece) exchange->write("piece");
      exchange->end();
    }
  });
  for (int i = 0; i < kClients; ++i) {
    RawClient client(server->port());
    client.send(get("/"));
    if (i % 3 == 0) client.read_until("HTTP");
    if (i % 2 == 0) client.reset();
  }
  worker.join();

  EXPECT_TRUE(server->wait_until_idle(20s));
  EXPECT_LE(over, kClients);
}

TEST(HttpServer, DrainsWithoutLosingAnAnswer) {
  Desk desk;
  const auto server = serve(desk.handler());
  RawClient idle(server->port());
  idle.send(get("/"));
  echo(desk.take());
  EXPECT_EQ(idle.read_answer(), echoed("GET / "));
  RawClient running(server->port());
  running.send(get("/running") + get("/sent ahead"));
  const auto exchange = desk.take();

  server->stop_accepting();

  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(RawClient(server->port()).is_connected());
  EXPECT_FALSE(server->wait_until_idle(1ms));
  echo(exchange);
  EXPECT_TRUE(server->wait_until_idle(20s));
  const std::string answer = running.read_all();
  EXPECT_TRUE(answer.contains("\r\nConnection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("GET /running ")) << answer;
  EXPECT_EQ(desk.size(), 0U);
}

TEST(HttpServer, EndingTheServerEndsWhatIsOpen) {
  Desk desk;
  auto server = serve(desk.handler());
  RawClient waiting(server->port());
  waiting.send(get("/"));
  const auto exchange = desk.take();
  RawClient in_pieces(server->port());
  in_pieces.send(get("/"));
  const auto begun = desk.take();
  begun->begin(200, "");
  RawClient half(server->port());
  half.send("GET /");
  Event gone;
  exchange->on_gone(gone.setter());

  server = nullptr;

  EXPECT_TRUE(gone.has_happened());
  exchange->answer(200, "", "for nobody");
  EXPECT_FALSE(begun->write("for nobody"));
  EXPECT_EQ(exchange->request().target(), "/");
  EXPECT_EQ(waiting.read_all(), "");
}

TEST(HttpServer, AnswersMayComeWhileTheServerEnds) {
  for (int round = 0; round < 20; ++round) {
    Desk desk;
    auto server = serve(desk.handler());
    RawClient client(server->port());
    client.send(get("/"));
    std::jthread worker([exchange = desk.take()]() mutable {
      exchange->begin(200, "");
      while (exchange->write("x")) {
      }
      exchange = nullptr;
    });
    server = nullptr;
  }
}

TEST(HttpServer, ListensOnNamesAndOnIpv6) {
  for (const std::string host : {"localhost", "::1", "::", "0.0.0.0"}) {
    const auto server = Server::listen(quick({.host = host}), echo);
    if (!server && host.contains(':')) GTEST_SKIP() << "no IPv6: " << server.error().message;
    ASSERT_TRUE(server) << host << ": " << server.error().message;
    ClientOptions options;
    options.proxies = {};
    Client client(options);
    const std::string asked = host == "::1" || host == "::" ? "[::1]" : "127.0.0.1";
    const auto answer = client.send(
        {.url = "http://" + asked + ":" + std::to_string((*server)->port()) + "/", .timeout = 20s});
    ASSERT_TRUE(answer) << host << ": " << answer.error().message;
    EXPECT_EQ(answer->body, "GET / ");
    if (host != "::") continue;
    RawClient mapped((*server)->port());  // by IPv4
    mapped.send(get("/"));
    EXPECT_EQ(mapped.read_answer(), echoed("GET / "));
  }
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto server = serve(echo);
  ServerOptions taken;
  taken.port = server->port();
  const auto second = Server::listen(taken, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_EQ(second.error().message,
            "127.0.0.1:" + std::to_string(server->port()) + " is in use by another program");
  EXPECT_TRUE(second.error().hint.contains("another port"));

  const auto elsewhere = Server::listen(quick({.host = "192.0.2.1"}), echo);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, ErrorCode::not_found);
  EXPECT_EQ(elsewhere.error().message, "`192.0.2.1` is no address of this machine");
}

}  // namespace
}  // namespace atonce::http
