// A server on this machine that gives a list of answers, and a clock whose waits take no time: what
// the tests of models behind an address have in common.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/loopback_server.h"

namespace atonce::model {

using namespace std::chrono_literals;

// Every wait is over at once and moves the time to its end.
class JumpingClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  void wait_until(std::unique_lock<std::mutex>&, std::condition_variable&, Time until) override {
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(until - now_));
    now_ = until;
  }

  std::vector<std::chrono::milliseconds> waits;

 private:
  Time now_{1h};
};

struct ServerAnswer {
  int status;
  std::string body;
  std::string headers = {};
};

// Gives these answers, one a request and the last one for ever; remembers what was asked.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<ServerAnswer> answers)
      : answers_(std::move(answers)),
        server_([this](http::LoopbackServer::Peer& peer) { serve(peer); }) {}

  [[nodiscard]] std::string url(const std::string& path = "") const { return server_.url(path); }
  [[nodiscard]] std::vector<http::Received> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void serve(http::LoopbackServer::Peer& peer) {
    while (auto request = peer.read()) {
      ServerAnswer answer;
      {
        const std::lock_guard lock(mutex_);
        answer = answers_[std::min(asked_.size(), answers_.size() - 1)];
        asked_.push_back(*std::move(request));
      }
      peer.answer(answer.status, answer.body, answer.headers);
    }
  }

  const std::vector<ServerAnswer> answers_;
  mutable std::mutex mutex_;
  std::vector<http::Received> asked_;  // guarded by mutex_
  http::LoopbackServer server_;
};

}  // namespace atonce::model
