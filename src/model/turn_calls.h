// The calls of one answer of the model: starts each once, as soon as it is known, and puts the
// outcomes into the model's order.
//
// Thread safety: one thread; cancel() from any.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "call/call.h"
#include "call/outcome.h"
#include "model/turn_runner.h"

namespace atonce::model {

class TurnCalls final {
 public:
  // Why a call may not run, as its outcome; nothing when it may.
  using Object = std::function<std::optional<call::Outcome>(const call::Call&)>;

  explicit TurnCalls(std::unique_ptr<TurnRunner> runner) : runner_(std::move(runner)) {}
  ~TurnCalls();
  TurnCalls(const TurnCalls&) = delete;
  TurnCalls& operator=(const TurnCalls&) = delete;

  // Starts a call while the model still speaks.
  void start(const call::Call& call);

  // Starts those of `calls` that were not started yet and may run, waits for all, and gives one
  // outcome for each of `calls`, in their order.
  [[nodiscard]] call::Reply run(std::span<const call::Call> calls, const Object& object);

  // Cancels what was started, for an answer that never became whole; what became of it.
  [[nodiscard]] call::Reply give_up();

  // Answers as cancelled what has no outcome yet, and all that is started later.
  void cancel();

  [[nodiscard]] bool has_started() const { return !started_.empty(); }

 private:
  // Where a call's outcome comes from: the runner, or an objection.
  struct Source {
    std::size_t place = 0;  // among the calls started
    std::optional<call::Outcome> objection = std::nullopt;
  };
  [[nodiscard]] std::vector<Source> start_rest(std::span<const call::Call> calls,
                                               const Object& object);
  [[nodiscard]] std::optional<std::size_t> take_started(const call::Call& call);

  const std::unique_ptr<TurnRunner> runner_;
  std::vector<call::Call> started_;
  std::vector<bool> is_taken_;  // by a call of the finished answer
  bool is_running_ = false;     // started, and not waited for
  std::atomic<bool> is_cancelled_ = false;
};

}  // namespace atonce::model
