// One call of a tool, prompt, resource or completion on its way for a client: what it says goes to
// the client as it is said, what it asks is asked, and its outcome becomes the answer.
//
// Two eras ask in two ways. A legacy client is sent a question and answers while the call waits. A
// modern one is answered with what is needed and asks again, with the answers: the function then
// runs from its top, and what it asked before is answered at once.
//
// Thread safety: all functions from any thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "call/outcome.h"
#include "engine/listener.h"
#include "protocol/mcp_message.h"
#include "serve/asked.h"
#include "serve/peer.h"
#include "serve/subscribers.h"

namespace atonce::serve {

// What a call's questions come to, where the client is asked by an answer.
struct Needed {
  std::map<std::string, std::string> requests = {};  // by key: {"method", "params"}, JSON
  std::set<std::string> capabilities = {};           // that the client lacks, and the call needs
};

class ServedCall final : public engine::CallListener,
                         public std::enable_shared_from_this<ServedCall> {
 public:
  // The reference must outlive it. `known` are the answers of earlier rounds, by key.
  ServedCall(Asked asked, std::shared_ptr<Peer> peer, std::map<std::string, std::string> known,
             Subscribers& subscribers);

  void on_progress(double done, std::optional<double> total, std::string_view message) override;
  void on_log(std::string_view level, std::string_view logger, std::string_view data) override;
  void on_changed(std::string_view what) override { subscribers_.tell(what); }
  [[nodiscard]] Answer ask(std::string_view requests, Time deadline) override;
  [[nodiscard]] std::string client() override;

  // The call has its outcome: threads that wait for an answer need wait no more.
  void end();
  [[nodiscard]] bool has_ended() const { return is_over_; }

  [[nodiscard]] const Asked& asked() const { return asked_; }
  [[nodiscard]] const std::shared_ptr<Peer>& peer() const { return peer_; }
  [[nodiscard]] std::optional<Needed> needed() const;
  [[nodiscard]] std::map<std::string, std::string> known() const;

 private:
  [[nodiscard]] Answer ask_by_answer(const json::View& requests);
  [[nodiscard]] Answer ask_by_question(const json::View& requests, Time deadline);

  const Asked asked_;
  const std::shared_ptr<Peer> peer_;
  const std::string progress_token_;  // JSON; empty: progress is not wanted
  const std::optional<std::size_t> least_level_;
  const std::map<std::string, std::string> known_;
  Subscribers& subscribers_;
  std::atomic<bool> is_over_ = false;
  mutable std::mutex mutex_;
  double progress_ = 0;           // guarded by mutex_; the last that was told
  bool has_progress_ = false;     // guarded by mutex_
  std::optional<Needed> needed_;  // guarded by mutex_
};

// What a client's answer of that method must at least be; others are asked again.
[[nodiscard]] bool is_answer(std::string_view method, const json::View& params,
                             const json::View& answer);

// "elicitation", "sampling" or "roots": what a client must declare to be asked that.
[[nodiscard]] std::string_view capability_for(std::string_view method);

// The place of a level among MCP's eight, from "debug" up; nothing for what is none.
[[nodiscard]] std::optional<std::size_t> place_of_level(std::string_view level);

}  // namespace atonce::serve
