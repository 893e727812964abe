// The way of one HTTP request, readable from top to bottom: start reading here.
//
// A request is let in or not (doors.h), its caller known (callers.h), then it goes where its path
// says. Until the tools are loaded, requests for MCP wait, up to a limit; /healthz does not.
//
// Thread safety: all functions from any thread; none blocks.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "serve/callers.h"
#include "serve/doors.h"
#include "serve/mcp_http.h"

namespace atonce::serve {

struct FrontOptions {
  DoorOptions doors = {};
  Tokens* tokens = nullptr;                   // null: anybody may ask; must outlive the front
  RateLimit* rate_limit = nullptr;            // null: as often as they like; must outlive the front
  std::size_t most_waiting = 1024;            // requests that wait for the tools
  std::function<std::string()> metrics = {};  // the text of /metrics
  std::function<std::optional<std::string>()> not_ready = {};  // why it is not ready, if so
};

class Front final {
 public:
  explicit Front(FrontOptions options);

  void handle(std::shared_ptr<http::Exchange> exchange);

  // The tools are there: what waits goes on. `mcp` must outlive every exchange.
  void open(McpHttp& mcp);
  // Not ready from here on: for whoever sends requests to several servers.
  void close() { is_closing_ = true; }

 private:
  struct Waiting {
    std::shared_ptr<http::Exchange> exchange;
    std::string caller;
  };
  // The caller's name; nothing when the request was answered instead.
  [[nodiscard]] std::optional<std::string> let_in(http::Exchange& exchange) const;
  [[nodiscard]] std::optional<std::string> know_caller(http::Exchange& exchange) const;
  [[nodiscard]] bool keeps_rate(http::Exchange& exchange, const std::string& caller) const;
  void route(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);
  void answer_mcp(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);
  void answer_readiness(http::Exchange& exchange) const;

  const FrontOptions options_;
  const Doors doors_;
  std::atomic<McpHttp*> mcp_ = nullptr;
  std::atomic<bool> is_closing_ = false;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
};

}  // namespace atonce::serve
