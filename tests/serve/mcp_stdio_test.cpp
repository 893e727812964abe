#include "serve/mcp_stdio.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <latch>
#include <thread>

#include "serve/fakes.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;
using call::Call;

// A client at the other end of two pipes, and the server between them on a thread of its own.
class Client {
 public:
  explicit Client(McpService& service, Duration grace) {
    EXPECT_EQ(::pipe(input_), 0);
    EXPECT_EQ(::pipe(stop_), 0);
    stdio_ = std::make_unique<McpStdio>(service, input_[0], [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
      changed_.notify_all();
    });
    thread_ = std::thread([this, grace] {
      stdio_->run(stop_[0], grace);
      const std::lock_guard lock(mutex_);
      has_ended_ = true;
      changed_.notify_all();
    });
  }
  ~Client() {
    leave();
    thread_.join();
    ::close(input_[0]);
    ::close(stop_[0]);
    if (stop_[1] >= 0) ::close(stop_[1]);
  }

  void send(std::string_view bytes) {
    EXPECT_EQ(::write(input_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void send_line(const std::string& line) { send(line + "\n"); }
  void leave() {
    if (input_[1] >= 0) ::close(std::exchange(input_[1], -1));
  }
  void stop() { ::close(std::exchange(stop_[1], -1)); }

  // The lines so far; waits for so many.
  std::vector<std::string> lines(std::size_t at_least) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return lines_.size() >= at_least; });
    return lines_;
  }
  // The answer to that id; "" if it never comes.
  std::string answer(const std::string& id) {
    std::unique_lock lock(mutex_);
    std::string found;
    changed_.wait_for(lock, 20s, [&] {
      for (const std::string& line : lines_) {
        if (at(line, {"id"}) == id && at(line, {"method"}).empty()) found = line;
      }
      return !found.empty();
    });
    return found;
  }
  bool ends() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [this] { return has_ended_; });
  }

 private:
  int input_[2] = {-1, -1};
  int stop_[2] = {-1, -1};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;  // guarded by mutex_
  bool has_ended_ = false;          // guarded by mutex_
  std::unique_ptr<McpStdio> stdio_;
  std::thread thread_;
};

// The service outlives the client's end, and all its calls end before the client's own.
struct Stdio : Service<SteadyClock> {
  std::unique_ptr<Client> client;

  void connect(Duration grace = {}) {
    open();
    client = std::make_unique<Client>(*mcp, grace);
  }
  ~Stdio() {
    client->leave();
    EXPECT_TRUE(client->ends());
    EXPECT_EQ(scheduler->stop(20s), std::vector<std::string>{});
    client.reset();
  }
};

call::Outcome echo(const Call& call, CallControl&) { return call::Returned{call.arguments}; }

struct Echo : Stdio {
  Echo() {
    add_tool("echo", echo);
    connect();
  }
};

std::string call_of(const std::string& name, const std::string& id, const std::string& more = "") {
  return ModernRequest{
      .method = "tools/call", .members = R"("name":")" + name + "\"" + more, .id = id}
      .text();
}

std::string initialize(const std::string& revision = "2025-11-25",
                       const std::string& capabilities = "{}") {
  return legacy_request("initialize",
                        R"({"protocolVersion":")" + revision + R"(","capabilities":)" +
                            capabilities + R"(,"clientInfo":{"name":"c","version":"2"}})",
                        R"("init")");
}

std::string cancelled(const std::string& id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         "}}";
}

// ---- framing

TEST(McpStdio, AnswersOneLineWithOneLine) {
  Echo stdio;

  stdio.client->send_line(call_of("echo", "1"));

  EXPECT_EQ(text_in(stdio.client->answer("1")), R"("{}")");
  EXPECT_FALSE(stdio.client->answer("1").contains('\n'));
}

TEST(McpStdio, TakesLinesHoweverTheyArrive) {
  Echo stdio;
  const std::string one = call_of("echo", "1");

  stdio.client->send(one.substr(0, 10));
  stdio.client->send(one.substr(10) + "\r\n\n  \n" + call_of("echo", "2") + "\n" +
                     call_of("echo", "3"));
  EXPECT_NE(stdio.client->answer("1"), "");
  EXPECT_NE(stdio.client->answer("2"), "");
  stdio.client->send("\n");

  EXPECT_NE(stdio.client->answer("3"), "");
  EXPECT_EQ(stdio.client->lines(3).size(), 3U);
}

TEST(McpStdio, SaysWhatIsWrongWithALineAndGoesOn) {
  Echo stdio;

  stdio.client->send_line("{nonsense");
  stdio.client->send_line(R"({"jsonrpc":"2.0","id":null,"method":"ping"})");
  stdio.client->send_line(call_of("echo", "1"));

  EXPECT_NE(stdio.client->answer("1"), "");
  const auto lines = stdio.client->lines(3);
  EXPECT_EQ(code_of(lines.at(0)), "-32700");
  EXPECT_EQ(at(lines.at(0), {"id"}), "null");
  EXPECT_EQ(code_of(lines.at(1)), "-32600");
}

// ---- eras

TEST(McpStdio, ServesTheModernEraWithoutInitialize) {
  Echo stdio;

  stdio.client->send_line(ModernRequest{.method = "server/discover"}.text());

  EXPECT_EQ(at(stdio.client->answer("1"), {"result", "resultType"}), R"("complete")");
}

TEST(McpStdio, ServesBothErasMessageByMessage) {
  Echo stdio;

  stdio.client->send_line(call_of("echo", "1"));
  stdio.client->send_line(initialize());
  stdio.client->send_line(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  stdio.client->send_line(legacy_request("tools/call", R"({"name":"echo"})", "2"));
  stdio.client->send_line(call_of("echo", "3"));

  EXPECT_EQ(at(stdio.client->answer("1"), {"result", "resultType"}), R"("complete")");
  EXPECT_EQ(at(stdio.client->answer(R"("init")"), {"result", "protocolVersion"}),
            R"("2025-11-25")");
  EXPECT_EQ(text_in(stdio.client->answer("2")), R"("{}")");
  EXPECT_EQ(at(stdio.client->answer("2"), {"result", "resultType"}), "");
  EXPECT_EQ(at(stdio.client->answer("3"), {"result", "resultType"}), R"("complete")");
}

TEST(McpStdio, AgreesToALegacyRevisionOrOffersTheNewest) {
  for (const auto& [asked, given] :
       {std::pair{"2024-11-05", "2024-11-05"}, std::pair{"2025-06-18", "2025-06-18"},
        std::pair{"2026-07-28", "2025-11-25"}, std::pair{"junk", "2025-11-25"}}) {
    Echo stdio;

    stdio.client->send_line(initialize(asked));

    EXPECT_EQ(at(stdio.client->answer(R"("init")"), {"result", "protocolVersion"}),
              "\"" + std::string(given) + "\"");
  }
}

TEST(McpStdio, BeforeInitializeAnswersOnlyPings) {
  Echo stdio;

  stdio.client->send_line(legacy_request("ping", "{}", "1"));
  stdio.client->send_line(legacy_request("tools/list", "{}", "2"));

  EXPECT_EQ(stdio.client->answer("1"), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(code_of(stdio.client->answer("2")), "-32600");
}

TEST(McpStdio, ChecksAModernMessage) {
  Echo stdio;

  stdio.client->send_line(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":)"
                          R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})");
  stdio.client->send_line(R"({"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":)"
                          R"({"io.modelcontextprotocol/protocolVersion":"v999",)"
                          R"("io.modelcontextprotocol/clientCapabilities":{}}}})");

  EXPECT_EQ(code_of(stdio.client->answer("1")), "-32602");
  EXPECT_EQ(code_of(stdio.client->answer("2")), "-32022");
}

TEST(McpStdio, TakesABatchWhereTheRevisionHasThem) {
  const std::string batch =
      "[" + legacy_request("ping", "{}", "1") + "," + legacy_request("ping", "{}", "2") + "]";
  Echo with;
  with.client->send_line(initialize("2025-03-26"));
  with.client->send_line(batch);
  EXPECT_NE(with.client->answer("1"), "");
  EXPECT_NE(with.client->answer("2"), "");

  for (const std::string revision : {"2025-06-18", "2025-11-25"}) {
    Echo without;
    without.client->send_line(initialize(revision));
    without.client->send_line(batch);
    EXPECT_EQ(code_of(without.client->answer("null")), "-32600") << revision;
    EXPECT_EQ(without.client->lines(2).size(), 2U) << revision;
  }
}

// ---- what runs

struct Holding : Stdio {
  std::latch entered{1};
  std::latch released{1};
  std::atomic<bool> was_stopped = false;

  explicit Holding(Duration grace = {}) {
    add_tool("hold", [this](const Call&, CallControl& control) {
      entered.count_down();
      released.wait();
      was_stopped = control.is_stopped.load();
      return call::Returned{"1"};
    });
    add_tool("echo", echo);
    connect(grace);
  }
};

TEST(McpStdio, AnswersWhileAnotherCallRuns) {
  Holding stdio;

  stdio.client->send_line(call_of("hold", "1"));
  stdio.entered.wait();
  stdio.client->send_line(call_of("echo", "2"));

  EXPECT_NE(stdio.client->answer("2"), "");
  EXPECT_EQ(stdio.client->lines(1).size(), 1U);
  stdio.released.count_down();
  EXPECT_EQ(text_in(stdio.client->answer("1")), R"("1")");
}

TEST(McpStdio, CancelsInBothErasAndThenGivesNoAnswer) {
  for (const bool is_modern : {true, false}) {
    Holding stdio;
    stdio.client->send_line(initialize());
    stdio.client->send_line(is_modern ? call_of("hold", "1")
                                      : legacy_request("tools/call", R"({"name":"hold"})", "1"));
    stdio.entered.wait();

    stdio.client->send_line(cancelled("2"));
    stdio.client->send_line(cancelled("1"));
    stdio.client->send_line(call_of("echo", "3"));
    EXPECT_NE(stdio.client->answer("3"), "");  // so the cancelling has been taken
    stdio.released.count_down();
    static_cast<void>(stdio.scheduler->stop(20s));

    EXPECT_TRUE(stdio.was_stopped) << is_modern;
    EXPECT_EQ(stdio.client->lines(2).size(), 2U) << is_modern;
  }
}

TEST(McpStdio, CancelsWhatRunsWhenTheInputEnds) {
  for (const bool is_told : {true, false}) {
    for (const bool is_modern : {true, false}) {
      Holding stdio;
      stdio.client->send_line(initialize());
      stdio.client->send_line(is_modern ? call_of("hold", "1")
                                        : legacy_request("tools/call", R"({"name":"hold"})", "1"));
      stdio.entered.wait();

      is_told ? stdio.client->stop() : stdio.client->leave();
      EXPECT_TRUE(stdio.client->ends());
      stdio.released.count_down();
      static_cast<void>(stdio.scheduler->stop(20s));

      EXPECT_TRUE(stdio.was_stopped) << is_modern;
    }
  }
}

TEST(McpStdio, AnswersWhatEndsInTheGraceThatFollowsTheInput) {
  Holding stdio(20s);
  stdio.client->send_line(call_of("hold", "1"));
  stdio.client->send(call_of("echo", "2"));  // and no end of the line
  stdio.entered.wait();

  stdio.client->leave();
  EXPECT_NE(stdio.client->answer("2"), "");
  stdio.released.count_down();

  EXPECT_TRUE(stdio.client->ends());
  EXPECT_NE(stdio.client->answer("1"), "");
  EXPECT_FALSE(stdio.was_stopped);
}

TEST(McpStdio, EndsASubscriptionThatIsCancelled) {
  Echo stdio;
  stdio.client->send_line(ModernRequest{.method = "subscriptions/listen",
                                        .members = R"("notifications":{"toolsListChanged":true})",
                                        .id = "9"}
                              .text());
  EXPECT_EQ(at(stdio.client->lines(1).at(0), {"method"}),
            R"("notifications/subscriptions/acknowledged")");
  stdio.client->send_line(call_of("echo", "0"));
  EXPECT_NE(stdio.client->answer("0"), "");  // so the line before it has been taken
  EXPECT_EQ(stdio.subscribers->count(), 1U);

  stdio.client->send_line(cancelled("9"));
  stdio.client->send_line(call_of("echo", "1"));

  EXPECT_NE(stdio.client->answer("1"), "");
  EXPECT_EQ(stdio.subscribers->count(), 0U);
}

// ---- the legacy eras

TEST(McpStdio, AsksALegacyClientInBetween) {
  Stdio stdio;
  stdio.add_tool("ask", [](const Call&, CallControl& control) -> call::Outcome {
    const auto answer = control.hearer()->ask(R"({"r":{"method":"roots/list","params":{}}})",
                                              std::chrono::steady_clock::now() + 20s);
    return call::Returned{json::quoted(answer.text)};
  });
  stdio.connect();
  stdio.client->send_line(initialize("2025-06-18", R"({"roots":{}})"));
  stdio.client->send_line(legacy_request("tools/call", R"({"name":"ask"})", "1"));
  const auto lines = stdio.client->lines(2);
  ASSERT_EQ(at(lines.at(1), {"method"}), R"("roots/list")");

  stdio.client->send_line(R"({"jsonrpc":"2.0","id":)" + at(lines[1], {"id"}) +
                          R"(,"result":{"roots":[]}})");

  EXPECT_EQ(text_in(stdio.client->answer("1")), json::quoted(R"({"r":{"roots":[]}})"));
}

TEST(McpStdio, TellsTheToolWhoALegacyClientIs) {
  Stdio stdio;
  stdio.add_tool("who", [](const Call&, CallControl& control) {
    return call::Returned{json::quoted(control.hearer()->client())};
  });
  stdio.connect();

  stdio.client->send_line(initialize("2025-06-18", R"({"roots":{}})"));
  stdio.client->send_line(legacy_request("tools/call", R"({"name":"who"})", "1"));

  EXPECT_EQ(text_in(stdio.client->answer("1")),
            json::quoted(R"({"name":"c","version":"2","capabilities":{"roots":{}}})"));
}

TEST(McpStdio, TellsALegacyClientWhatHasChanged) {
  Echo stdio;
  stdio.client->send_line(initialize());
  EXPECT_NE(stdio.client->answer(R"("init")"), "");

  stdio.subscribers->tell("tools");

  EXPECT_EQ(stdio.client->lines(2).at(1),
            R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
}

}  // namespace
}  // namespace atonce::serve
