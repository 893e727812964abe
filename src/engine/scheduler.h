// Decides when each call of a plan runs, and sees to it that every call gets exactly one outcome:
// in time, whatever its function does. Calls start at once as far as their tools' policies (serial
// groups, max_concurrency) and the pool's places allow; outcomes keep the order of the plan.
//
// Thread safety: start() and cancel() may be called from any thread and do not block.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "call/call.h"
#include "engine/backend.h"
#include "engine/listener.h"
#include "engine/observer.h"
#include "engine/timer.h"
#include "engine/tool_state.h"
#include "engine/turn.h"
#include "engine/worker_pool.h"

namespace atonce::engine {

struct Options {
  // Change behaviour.
  std::chrono::milliseconds call_timeout{60'000};  // from the moment the call starts
  std::size_t queue_limit = 16'384;  // calls not yet started; beyond it start() refuses
  std::size_t max_argument_bytes = std::size_t{4} << 20;
  std::size_t max_argument_depth = 100;
  std::size_t max_result_bytes = std::size_t{16} << 20;
  // A function that outran its deadline may take this long to notice before the calls that wait
  // for its place in a serial group are refused.
  std::chrono::milliseconds stuck_grace{1'000};
  // Change performance.
  PoolOptions pool = {};
};

// Numbers in [0, 1), for the jitter of retries. Called by one thread at a time.
using Random = std::function<double()>;

class Scheduler final {
 public:
  using Done = Turn::Done;
  using Handle = std::weak_ptr<Turn>;

  Scheduler(Backend&, Clock&, Observer&, Random, Options);  // the references must outlive it
  ~Scheduler();  // stop() must have been called and have returned no names

  // Runs `plan`, then calls `done` once, on a thread of the engine or, when no call needs to run,
  // on this one; it must not block.
  // Errors: overloaded (nothing was started; retry later).
  // An unknown tool, bad arguments, a Python exception are not errors: they are outcomes in the
  // reply. A call that times out is answered, not killed: its thread is busy until its function
  // returns.
  // `listener` hears the calls of this plan, if there is one, and is kept until all have ended.
  [[nodiscard]] Result<Handle> start(call::Plan plan, Done done,
                                     std::shared_ptr<CallListener> listener = nullptr);

  // Answers every call of the turn that has no outcome yet as cancelled.
  void cancel(const Handle& turn);

  // The calls whose functions have been entered and not left yet. A stuck one has been answered.
  // It is asked for, not told, since only those who run calls know both: a call that is cancelled
  // may be about to be entered, or wait for its next attempt.
  struct RunningCall {
    std::string tool;
    bool is_stuck = false;
  };
  [[nodiscard]] std::vector<RunningCall> running_calls();

  // Refuses new plans, answers what has not started as not_started, waits up to `grace` for running
  // calls and answers the rest as cancelled. Returns the names of the tools that are still running
  // then; their threads are left behind, so the process must end without destroying what they use.
  [[nodiscard]] std::vector<std::string> stop(std::chrono::milliseconds grace);

 private:
  struct Refused {
    Task* task;
    std::string reason;
  };

  // Admission.
  void make_gates();
  [[nodiscard]] std::optional<call::Invalid> check(const call::Call& call) const;
  void admit(const std::vector<Task*>& tasks);
  [[nodiscard]] bool pass_gates(Task& task, std::vector<Refused>& refused);  // with gates_mutex_
  void dispatch(const std::vector<Task*>& ready);
  void drop(Task& task, call::Outcome outcome);  // a task that will not run, or not again
  void release(Task& task);

  // Running.
  [[nodiscard]] bool enter(Task& task, std::string_view lane);  // false: it was answered meanwhile
  void skip(Task& task);
  void run(Worker& worker, Task& task);
  void run_async(Task& task);
  void conclude(Task& task, call::Outcome outcome, std::string_view lane);
  [[nodiscard]] bool retries(Task& task, call::Outcome& outcome);
  [[nodiscard]] Duration retry_delay(unsigned attempt);
  void leave_gates(Task& task);

  // Time.
  void expect_deadline(Time deadline);
  void answer_overdue();
  [[nodiscard]] WorkerPool::Overdue overdue_async(Time now);
  void answer_running(const RunningTask& running, call::Outcome outcome, Time now);
  void after_answering(const std::shared_ptr<Turn>& turn, const std::vector<Task*>& answered);
  void refuse_behind_stuck(Task& task);
  void refuse_when_exhausted();
  void watch_pool();
  [[nodiscard]] bool wait_until_drained(Time until);
  void drop_waiting();

  Backend& backend_;
  Clock& clock_;
  Observer& observer_;
  std::mutex random_mutex_;  // for random_ only
  const Random random_;      // under random_mutex_
  const Options options_;
  std::vector<ToolState> tools_;  // by number; as constant as the gates in them
  std::unordered_map<std::string_view, ToolState*> tools_by_name_;
  std::vector<std::unique_ptr<Gate>> gates_;
  std::atomic<std::uint64_t> next_ticket_ = 1;
  std::atomic<std::size_t> waiting_calls_ = 0;  // accepted, not yet entered
  std::atomic<std::size_t> open_calls_ = 0;     // accepted, not yet released
  std::atomic<bool> is_draining_ = false;       // new plans are refused
  std::atomic<bool> is_stopping_ = false;       // calls that wait are refused
  std::atomic<Time::rep> next_deadline_ = Time::max().time_since_epoch().count();

  std::mutex gates_mutex_;  // guards every Gate, and the fields of Task that say so

  std::mutex async_mutex_;  // guards the next three
  std::condition_variable async_left_;
  std::set<Task*> running_async_;
  std::size_t open_async_ = 0;  // started, and the backend's thread has not left us yet

  std::mutex drained_mutex_;  // for drained_ only
  std::condition_variable drained_;

  WorkerPool pool_;
  Timer timer_;  // last: its thread uses all of the above
};

}  // namespace atonce::engine
