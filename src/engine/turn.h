// One plan on its way: its calls, who has answered them, and what to do when all are.
// Internal to engine/.
//
// Thread safety: answer() may be called from any thread; the first answer of a call wins.
// Lifetime: a turn keeps itself alive until every task is released, which for a call answered at
// its deadline is when its function returns at last. So queues may hold plain Task pointers.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "call/outcome.h"
#include "engine/backend.h"
#include "engine/observer.h"

namespace atonce::engine {

class Turn;
struct ToolState;

// Who gives a call its outcome: the one who ran it and is done with it, or somebody else, while its
// function may still be running.
enum class Answerer { runner, other };

// One call of a turn.
struct Task {
  Turn* turn = nullptr;
  std::size_t index = 0;  // in the turn
  ToolState* tool = nullptr;
  unsigned attempt = 0;
  Duration timeout{};
  CallControl control = {};
  std::atomic<bool> is_answered = false;
  std::atomic<std::int64_t> started_ns = -1;  // from the turn's start; -1: it was never entered
  std::atomic<bool> runs_async = false;
  // Guarded by the scheduler's gates mutex.
  bool holds_gates = false;
  bool counts_as_stuck = false;

  [[nodiscard]] const call::Call& call() const;
};

class Turn final : public std::enable_shared_from_this<Turn> {
 public:
  using Done = std::move_only_function<void(call::Reply)>;

  // The calls' tickets are first_ticket, first_ticket + 1, ...
  Turn(call::Plan plan, std::uint64_t first_ticket, Time started, Observer& observer, Done done);
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Lets the calls be heard; before the first of them starts.
  void be_heard_by(const std::shared_ptr<CallListener>& listener);

  // Keeps the turn alive from now until every task is released.
  void hold() { self_ = shared_from_this(); }

  [[nodiscard]] std::vector<Task>& tasks() { return tasks_; }
  [[nodiscard]] const call::Call& call(std::size_t index) const { return reply_.calls[index].call; }
  [[nodiscard]] Time started() const { return started_; }

  // Gives the call its outcome; false if it had one. The last answer of the turn calls `done`, on
  // this thread.
  bool answer(Task& task, call::Outcome outcome, Time now, std::string_view lane, Answerer by);

  // Nobody will touch this task again. May destroy the turn.
  void release();

 private:
  void finish();

  const Time started_;
  Observer& observer_;
  Done done_;
  call::Reply reply_;  // each element is written by the one who answers that call
  std::vector<Task> tasks_;
  std::atomic<std::size_t> unanswered_;
  std::atomic<std::size_t> unreleased_;
  std::atomic<bool> has_late_calls_ = false;
  std::shared_ptr<Turn> self_;
};

inline const call::Call& Task::call() const { return turn->call(index); }

}  // namespace atonce::engine
