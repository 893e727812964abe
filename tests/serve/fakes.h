// What the tests of serve/ put around it: a client that writes down what it hears, and a service
// whose tools are lambdas.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "engine/fakes.h"
#include "serve/mcp_service.h"

namespace atonce::serve {

using engine::CallControl;
using engine::returns;
using protocol::mcp::Revision;

// One request's client. Every wait ends after 20 seconds.
class ScriptedPeer final : public Peer {
 public:
  bool send(std::string_view message) override {
    const std::lock_guard lock(mutex_);
    if (answer_ || is_gone_) return false;
    sent_.emplace_back(message);
    changed_.notify_all();
    return true;
  }

  void finish(std::string message, int status) override {
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (answer_) return;
    answer_ = std::move(message);
    status_ = status;
    changed_.notify_all();
  }

  void on_gone(std::move_only_function<void()> gone) override {
    std::unique_lock lock(mutex_);
    if (!is_gone_) {
      gone_ = std::move(gone);
      changed_.notify_all();
      return;
    }
    lock.unlock();
    gone();
  }

  // The client closes its connection.
  void leave() {
    std::move_only_function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      is_gone_ = true;
      gone = std::move(gone_);
    }
    if (gone) gone();
  }

  // The answer, once it is there; "" if it never comes.
  [[nodiscard]] std::string answer() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [this] { return answer_.has_value(); });
    return answer_.value_or("");
  }
  [[nodiscard]] bool has_answer() {
    const std::lock_guard lock(mutex_);
    return answer_.has_value();
  }
  [[nodiscard]] int status() {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  // How often somebody gave an answer.
  [[nodiscard]] int finished() {
    const std::lock_guard lock(mutex_);
    return finished_;
  }
  // What was said before the answer: waits for so many messages.
  [[nodiscard]] std::vector<std::string> sent(std::size_t at_least = 0) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return sent_.size() >= at_least; });
    return sent_;
  }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<std::string> sent_;
  std::optional<std::string> answer_;
  int status_ = 0;
  int finished_ = 0;
  bool is_gone_ = false;
  std::move_only_function<void()> gone_;
};

// A place of a JSON text: "result", "tools", "0", "name".
inline std::string at(std::string_view json, const std::vector<std::string_view>& path) {
  const auto document = json::Document::parse(json);
  if (!document) return "not JSON: " + std::string(json);
  std::optional<json::View> place = document->root();
  for (const std::string_view step : path) {
    if (place->is(json::Kind::array)) {
      const auto items = place->items();
      const std::size_t index = std::stoul(std::string(step));
      place = index < items.size() ? std::optional(items[index]) : std::nullopt;
    } else {
      place = place->find(step);
    }
    if (!place) return "";
  }
  return std::string(place->raw());
}

inline std::string code_of(std::string_view answer) { return at(answer, {"error", "code"}); }

// The text of a tool's result.
inline std::string text_in(std::string_view answer) {
  return at(answer, {"result", "content", "0", "text"});
}

struct ModernRequest {
  std::string method;
  std::string members = {};  // of `params`
  std::string capabilities = "{}";
  std::string meta = {};  // more members of `_meta`
  std::string id = "1";

  [[nodiscard]] std::string text() const {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method +
           R"(","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)" +
           R"("io.modelcontextprotocol/clientCapabilities":)" + capabilities +
           (meta.empty() ? "" : "," + meta) + "}" + (members.empty() ? "" : "," + members) + "}}";
  }
};

inline std::string legacy_request(const std::string& method, const std::string& params = "{}",
                                  const std::string& id = "1") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
         "}";
}

// A service over lambdas: add() what it offers, then open() it.
template <typename AnyClock>
struct Service {
  using Function = engine::FakeBackend::Function;

  AnyClock clock;
  engine::FakeBackend backend;
  engine::Observer observer;
  std::vector<call::ToolSpec> specs;
  std::unique_ptr<engine::Scheduler> scheduler;
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<Sessions> sessions;
  std::unique_ptr<Subscribers> subscribers;
  std::unique_ptr<McpService> mcp;

  ~Service() {
    if (!scheduler) return;
    EXPECT_EQ(scheduler->stop(std::chrono::seconds(20)), std::vector<std::string>{});
  }

  void add(call::ToolSpec spec, Function function) {
    if (spec.role == call::Role::tool) {
      backend.define(spec.name, std::move(function), spec.policy);
    } else {
      backend.offer(spec.name, spec.role, std::move(function));
    }
    specs.push_back(std::move(spec));
  }

  void add_tool(const std::string& name, Function function) {
    add({.name = name,
         .description = "",
         .input_schema = "{}",
         .declarations = {"", "", "", R"({"name":")" + name + R"(","inputSchema":{}})"}},
        std::move(function));
  }

  McpService& open(engine::Options options = {.pool = {.places = 8}},
                   Sessions::Options session_options = {}) {
    scheduler =
        std::make_unique<engine::Scheduler>(backend, clock, observer, [] { return 0.0; }, options);
    catalogue = std::make_unique<Catalogue>(specs);
    sessions = std::make_unique<Sessions>(session_options, clock);
    subscribers = std::make_unique<Subscribers>(*sessions);
    mcp = std::make_unique<McpService>(*catalogue, *scheduler, *sessions, *subscribers, clock,
                                       ServerInfo{"tests", "1.0", "be kind"});
    return *mcp;
  }

  std::shared_ptr<ScriptedPeer> ask(const std::string& text, const std::string& caller = "",
                                    const FindHeaders* headers = nullptr) {
    return hand_over(text, Revision::v2026_07_28, nullptr, caller, headers);
  }
  std::shared_ptr<ScriptedPeer> ask(const ModernRequest& request) { return ask(request.text()); }

  std::shared_ptr<ScriptedPeer> ask_in(const std::shared_ptr<Session>& session,
                                       const std::string& text) {
    return hand_over(text, session->opened.revision, session, "", nullptr);
  }

  // A notification or answer of a legacy client.
  void tell_in(const std::shared_ptr<Session>& session, const std::string& text) {
    auto batch = read(text);
    mcp->take({.batch = batch,
               .message = &batch->messages.front(),
               .revision = session->opened.revision,
               .session = session});
  }

  std::shared_ptr<Session> open_session(Revision revision = protocol::mcp::kNewestLegacy,
                                        const std::string& capabilities = "{}") {
    return sessions->open({.revision = revision, .capabilities = capabilities});
  }

 private:
  static std::shared_ptr<const protocol::mcp::Batch> read(const std::string& text) {
    auto batch = protocol::mcp::read_batch(text);
    if (!batch) ADD_FAILURE() << batch.error().message << " of " << text;
    return std::make_shared<const protocol::mcp::Batch>(*std::move(batch));
  }

  std::shared_ptr<ScriptedPeer> hand_over(const std::string& text, Revision revision,
                                          std::shared_ptr<Session> session,
                                          const std::string& caller, const FindHeaders* headers) {
    auto batch = read(text);
    auto peer = std::make_shared<ScriptedPeer>();
    mcp->handle({.batch = batch,
                 .message = &batch->messages.front(),
                 .revision = revision,
                 .session = std::move(session),
                 .caller = caller},
                peer, headers);
    return peer;
  }
};

}  // namespace atonce::serve
