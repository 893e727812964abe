#include "serve/session.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "serve/fakes.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;

class NotedStream final : public Stream {
 public:
  bool send(std::string_view message) override {
    if (is_closed) return false;
    sent.emplace_back(message);
    return true;
  }
  void close() override { is_closed = true; }

  std::vector<std::string> sent;
  bool is_closed = false;
};

Session session_of(Session::Opened opened = {}) { return {"s", std::move(opened), Time{}}; }

const std::function<bool()> kGoesOn = [] { return false; };

// ---- what it remembers

TEST(Session, RemembersWhatTheClientSaid) {
  Session session = session_of();

  session.set_log_level("error");
  session.subscribe("test://a");
  session.subscribe("test://b");
  session.unsubscribe("test://b");

  EXPECT_EQ(session.log_level(), "error");
  EXPECT_TRUE(session.is_subscribed("test://a"));
  EXPECT_FALSE(session.is_subscribed("test://b"));
}

// ---- its stream

TEST(Session, HasOneStream) {
  Session session = session_of();
  const auto first = std::make_shared<NotedStream>();
  const auto second = std::make_shared<NotedStream>();

  EXPECT_TRUE(session.open_stream(first));
  EXPECT_FALSE(session.open_stream(second));
  session.send("hello");
  session.drop_stream(second.get());  // not its own
  session.send("again");
  session.drop_stream(first.get());
  session.send("lost");

  EXPECT_EQ(first->sent, (std::vector<std::string>{"hello", "again"}));
  EXPECT_TRUE(second->sent.empty());
  EXPECT_TRUE(session.open_stream(second));
}

TEST(Session, ForgetsAStreamThatIsClosed) {
  Session session = session_of();
  const auto first = std::make_shared<NotedStream>();
  ASSERT_TRUE(session.open_stream(first));

  first->close();
  session.send("lost");

  EXPECT_TRUE(session.open_stream(std::make_shared<NotedStream>()));
}

TEST(Session, EndsItsStreamWhileTheRestGoesOn) {
  Session session = session_of();
  const auto stream = std::make_shared<NotedStream>();
  int cancelled = 0;
  ASSERT_TRUE(session.open_stream(stream));
  session.begin("1", [&] { ++cancelled; });

  session.end_stream();
  session.end_stream();

  EXPECT_TRUE(stream->is_closed);
  EXPECT_EQ(cancelled, 0);
}

// ---- questions

TEST(Session, AsksAndGetsItsAnswer) {
  Session session = session_of();
  ScriptedPeer peer;
  auto answer = std::async(std::launch::async, [&] {
    return session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() + 20s, kGoesOn);
  });
  const std::string question = peer.sent(1).at(0);

  EXPECT_EQ(at(question, {"method"}), R"("roots/list")");
  EXPECT_FALSE(session.answer(R"("atonce-999")", "{}"));
  EXPECT_TRUE(session.answer(at(question, {"id"}), R"({"roots":[]})"));

  EXPECT_EQ(answer.get(), R"({"roots":[]})");
  EXPECT_FALSE(session.answer(at(question, {"id"}), "{}")) << "it was answered already";
}

TEST(Session, AsksWithADifferentIdEachTime) {
  Session session = session_of();
  ScriptedPeer peer;
  std::set<std::string> ids;
  for (int round = 0; round < 3; ++round) {
    static_cast<void>(
        session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() - 1s, kGoesOn));
  }
  for (const std::string& question : peer.sent()) ids.insert(at(question, {"id"}));

  EXPECT_EQ(ids.size(), 3U);
}

TEST(Session, WaitsNoLongerThanItMay) {
  Session session = session_of();
  ScriptedPeer peer;

  EXPECT_FALSE(
      session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() - 1s, kGoesOn));
}

TEST(Session, DoesNotWaitForAClientThatHasLeft) {
  Session session = session_of();
  ScriptedPeer peer;
  peer.leave();

  EXPECT_FALSE(
      session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() + 1h, kGoesOn));
}

TEST(Session, StopsWaitingWhenTheCallIsOver) {
  Session session = session_of();
  ScriptedPeer peer;
  std::atomic<bool> is_over = false;
  auto answer = std::async(std::launch::async, [&] {
    return session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() + 1h,
                       [&] { return is_over.load(); });
  });
  ASSERT_EQ(peer.sent(1).size(), 1U);

  is_over = true;
  session.end_wait();

  EXPECT_FALSE(answer.get());
}

TEST(Session, StopsWaitingWhenItIsClosed) {
  Session session = session_of();
  ScriptedPeer peer;
  auto answer = std::async(std::launch::async, [&] {
    return session.ask("roots/list", "{}", peer, std::chrono::steady_clock::now() + 1h, kGoesOn);
  });
  ASSERT_EQ(peer.sent(1).size(), 1U);

  session.close();

  EXPECT_FALSE(answer.get());
}

// ---- what runs

TEST(Session, CancelsTheRequestOfThatIdOnce) {
  Session session = session_of();
  int first = 0;
  int second = 0;
  session.begin("1", [&] { ++first; });
  session.begin("\"1\"", [&] { ++second; });
  EXPECT_TRUE(session.is_busy());

  session.cancel("2");
  session.cancel("\"1\"");
  session.cancel("\"1\"");

  EXPECT_EQ(first, 0) << "a number is no string";
  EXPECT_EQ(second, 1);
  session.end("1");
  session.cancel("1");
  EXPECT_EQ(first, 0);
  EXPECT_FALSE(session.is_busy());
}

TEST(Session, EndsItsStreamAndAllThatRunsWhenItIsClosed) {
  Session session = session_of();
  const auto stream = std::make_shared<NotedStream>();
  int cancelled = 0;
  ASSERT_TRUE(session.open_stream(stream));
  session.begin("1", [&] { ++cancelled; });
  session.begin("2", [&] { ++cancelled; });

  session.close();

  EXPECT_TRUE(stream->is_closed);
  EXPECT_EQ(cancelled, 2);
  EXPECT_FALSE(session.open_stream(std::make_shared<NotedStream>()));
}

// ---- all of them

TEST(Sessions, GiveOutNamesThatNobodyGuesses) {
  engine::FakeClock clock;
  Sessions sessions({}, clock);
  std::set<std::string> names;
  for (int number = 0; number < 100; ++number) {
    const auto session = sessions.open({});
    ASSERT_TRUE(session);
    EXPECT_EQ(session->id.size(), 32U);  // 128 bits
    EXPECT_EQ(session->id.find_first_not_of("0123456789abcdef"), std::string::npos);
    names.insert(session->id);
  }

  EXPECT_EQ(names.size(), 100U);
}

TEST(Sessions, BelongToWhoOpenedThem) {
  engine::FakeClock clock;
  Sessions sessions({}, clock);
  const auto session = sessions.open({.caller = "ann"});

  EXPECT_EQ(sessions.find(session->id, "ann"), session);
  EXPECT_EQ(sessions.find(session->id, "bob"), nullptr);
  EXPECT_EQ(sessions.find(session->id, ""), nullptr);
  EXPECT_EQ(sessions.find("other", "ann"), nullptr);
}

TEST(Sessions, AreGoneOnceClosed) {
  engine::FakeClock clock;
  Sessions sessions({}, clock);
  const auto session = sessions.open({});

  sessions.close("other");
  EXPECT_EQ(sessions.find(session->id, ""), session);
  sessions.close(session->id);

  EXPECT_EQ(sessions.find(session->id, ""), nullptr);
}

TEST(Sessions, AreGoneOnceTheyWereIdleForTooLong) {
  engine::FakeClock clock;
  Sessions sessions({.idle = 10min}, clock);
  const auto session = sessions.open({});

  clock.advance(10min);
  EXPECT_EQ(sessions.find(session->id, ""), session) << "and this counts as a use";
  clock.advance(10min);
  EXPECT_EQ(sessions.find(session->id, ""), session);
  clock.advance(10min + 1ns);

  EXPECT_EQ(sessions.find(session->id, ""), nullptr);
}

TEST(Sessions, AreKeptWhileSomethingRunsOrListens) {
  engine::FakeClock clock;
  Sessions sessions({.idle = 10min}, clock);
  const auto runs = sessions.open({});
  const auto listens = sessions.open({});
  runs->begin("1", [] {});
  ASSERT_TRUE(listens->open_stream(std::make_shared<NotedStream>()));

  clock.advance(1h);
  static_cast<void>(sessions.open({}));  // looks for idle ones

  EXPECT_EQ(sessions.find(runs->id, ""), runs);
  EXPECT_EQ(sessions.find(listens->id, ""), listens);
}

TEST(Sessions, AreRefusedBeyondTheirNumberUntilOneIsIdle) {
  engine::FakeClock clock;
  Sessions sessions({.most = 2, .idle = 10min}, clock);
  const auto first = sessions.open({});
  clock.advance(6min);
  const auto second = sessions.open({});

  EXPECT_EQ(sessions.open({}), nullptr);
  clock.advance(6min);
  EXPECT_NE(sessions.open({}), nullptr);
  EXPECT_EQ(sessions.find(first->id, ""), nullptr);
  EXPECT_EQ(sessions.find(second->id, ""), second);
}

}  // namespace
}  // namespace atonce::serve
