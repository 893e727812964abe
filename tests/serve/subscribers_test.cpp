#include "serve/subscribers.h"

#include <gtest/gtest.h>

#include "serve/fakes.h"

namespace atonce::serve {
namespace {

class NotedStream final : public Stream {
 public:
  bool send(std::string_view message) override { return sent.emplace_back(message), true; }
  void close() override {}

  std::vector<std::string> sent;
};

struct Fixture {
  engine::FakeClock clock;
  Sessions sessions{{}, clock};
  Subscribers subscribers{sessions};

  std::shared_ptr<ScriptedPeer> add(const std::string& id, Wanted wanted) {
    auto peer = std::make_shared<ScriptedPeer>();
    subscribers.add(id, std::move(wanted), peer);
    return peer;
  }
  std::shared_ptr<NotedStream> open_stream(const std::string& uri = "") {
    const auto session = sessions.open({});
    if (!uri.empty()) session->subscribe(uri);
    auto stream = std::make_shared<NotedStream>();
    EXPECT_TRUE(session->open_stream(stream));
    return stream;
  }
};

TEST(Subscribers, FirstAcknowledgeWhatWasAgreedTo) {
  Fixture all;

  const auto peer = all.add("9", {.tools = true, .uris = {"test://a"}});

  EXPECT_EQ(peer->sent(),
            (std::vector<std::string>{
                R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":)"
                R"({"_meta":{"io.modelcontextprotocol/subscriptionId":9},"notifications":)"
                R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]}}})"}));
  EXPECT_FALSE(peer->has_answer());
}

TEST(Subscribers, HearWhatTheyWantedWithTheirRequestsId) {
  Fixture all;
  const auto tools = all.add("0", {.tools = true});
  const auto rest = all.add(R"("x")", {.prompts = true, .resources = true, .uris = {"test://a"}});

  all.subscribers.tell("tools");
  all.subscribers.tell("prompts");
  all.subscribers.tell("resources");
  all.subscribers.tell("test://a");
  all.subscribers.tell("test://b");

  ASSERT_EQ(tools->sent().size(), 2U);
  EXPECT_EQ(tools->sent()[1],
            R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":)"
            R"({"_meta":{"io.modelcontextprotocol/subscriptionId":0}}})");
  const auto heard = rest->sent();
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_EQ(at(heard[1], {"method"}), R"("notifications/prompts/list_changed")");
  EXPECT_EQ(at(heard[2], {"method"}), R"("notifications/resources/list_changed")");
  EXPECT_EQ(heard[3],
            R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":)"
            R"({"uri":"test://a","_meta":{"io.modelcontextprotocol/subscriptionId":"x"}}})");
}

TEST(Subscribers, AreForgottenWhenTheyLeave) {
  Fixture all;
  const auto peer = all.add("1", {.tools = true});
  EXPECT_EQ(all.subscribers.count(), 1U);

  peer->leave();

  EXPECT_EQ(all.subscribers.count(), 0U);
}

TEST(Subscribers, WhoLeftBeforeAreForgottenAtOnce) {
  Fixture all;
  const auto peer = std::make_shared<ScriptedPeer>();
  peer->leave();

  all.subscribers.add("1", {.tools = true}, peer);

  EXPECT_EQ(all.subscribers.count(), 0U);
}

TEST(Subscribers, GetTheirAnswerAtTheEnd) {
  Fixture all;
  const auto peer = all.add("9", {.tools = true});

  all.subscribers.close();

  EXPECT_EQ(peer->answer(), R"({"jsonrpc":"2.0","id":9,"result":{"resultType":"complete","_meta":)"
                            R"({"io.modelcontextprotocol/subscriptionId":9}}})");
  EXPECT_EQ(all.subscribers.count(), 0U);
}

// The server waits for every answer before it ends.
TEST(Subscribers, WhoComeAfterTheEndGetTheirAnswerAtOnce) {
  Fixture all;
  all.subscribers.close();

  const auto peer = all.add("9", {.tools = true});

  EXPECT_TRUE(peer->has_answer());
  EXPECT_EQ(all.subscribers.count(), 0U);
}

TEST(Subscribers, OfTheLegacyErasHearByTheirSessions) {
  Fixture all;
  const auto plain = all.open_stream();
  const auto subscribed = all.open_stream("test://a");

  all.subscribers.tell("tools");
  all.subscribers.tell("test://a");

  const std::string changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";
  EXPECT_EQ(plain->sent, std::vector{changed});
  EXPECT_EQ(subscribed->sent,
            (std::vector<std::string>{
                changed, R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":)"
                         R"({"uri":"test://a"}})"}));
}

}  // namespace
}  // namespace atonce::serve
