// The scheduler's half that is about time: calls answered at their deadlines, what becomes of those
// who wait behind them, and the end.

#include <algorithm>
#include <utility>

#include "engine/scheduler.h"

namespace atonce::engine {
namespace {

// How long interrupted functions get to notice, once the grace of stop() is over.
constexpr std::chrono::milliseconds kUnwinding{500};

Time to_time(Time::rep count) { return Time(Time::duration(count)); }
Time::rep to_count(Time time) { return time.time_since_epoch().count(); }

}  // namespace

// Deadlines are nearly always later than those of calls begun before, so this is mostly one load.
// A call is listed as running before it comes here, and answer_overdue() resets next_deadline_
// before it reads the list: one of the two sees the other.
void Scheduler::expect_deadline(Time deadline) {
  Time::rep next = next_deadline_.load();
  while (to_count(deadline) < next) {
    if (!next_deadline_.compare_exchange_weak(next, to_count(deadline))) continue;
    timer_.at(deadline, [this] { answer_overdue(); });
    return;
  }
}

void Scheduler::answer_overdue() {
  const Time now = clock_.now();
  if (to_time(next_deadline_.load()) > now) return;  // an earlier look has seen to it
  next_deadline_.store(to_count(Time::max()));
  WorkerPool::Overdue overdue = pool_.overdue(now);
  WorkerPool::Overdue async = overdue_async(now);
  std::ranges::move(async.tasks, std::back_inserter(overdue.tasks));
  for (const RunningTask& late : overdue.tasks) {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(late.task->timeout);
    answer_running(late, call::TimedOut{limit}, now);
  }
  const Time next = std::min(overdue.next, async.next);
  if (next != Time::max()) expect_deadline(next);
}

WorkerPool::Overdue Scheduler::overdue_async(Time now) {
  WorkerPool::Overdue overdue;
  const std::lock_guard lock(async_mutex_);
  for (Task* task : running_async_) {
    if (task->is_answered.load()) continue;
    if (task->control.deadline <= now) {
      overdue.tasks.push_back({task->turn->shared_from_this(), task, "event-loop"});
    } else {
      overdue.next = std::min(overdue.next, task->control.deadline);
    }
  }
  return overdue;
}

void Scheduler::answer_running(const RunningTask& running, call::Outcome outcome, Time now) {
  Task& task = *running.task;
  if (!running.turn->answer(task, std::move(outcome), now, running.lane, Answerer::other)) return;
  observer_.on_stuck(task.call(), running.lane);
  after_answering(running.turn, {&task});
}

// The calls have their outcomes, and their functions may still run: interrupts them, and sees to it
// later that those who wait for their places do not wait for ever.
void Scheduler::after_answering(const std::shared_ptr<Turn>& turn,
                                const std::vector<Task*>& answered) {
  pool_.interrupt_answered();
  for (Task* task : answered) {
    if (task->started_ns.load() < 0) continue;
    if (task->tool->spec->is_async) backend_.interrupt_async(task->control.ticket);
    timer_.at(clock_.now() + options_.stuck_grace,
              [this, turn, task] { refuse_behind_stuck(*task); });
  }
}

void Scheduler::refuse_behind_stuck(Task& task) {
  std::vector<Task*> refused;
  {
    const std::lock_guard lock(gates_mutex_);
    if (task.holds_gates && !std::exchange(task.counts_as_stuck, true)) {
      for (Gate* gate : task.tool->gates) {
        ++gate->stuck;
        if (!gate->is_blocked()) continue;
        refused.insert(refused.end(), gate->waiting.begin(), gate->waiting.end());
        gate->waiting.clear();
      }
    }
  }
  admit(refused);  // each meets the blocked gate and is told so
  refuse_when_exhausted();
}

void Scheduler::refuse_when_exhausted() {
  if (!pool_.is_exhausted()) return;
  for (Task* waiting : pool_.take_out_all()) {
    leave_gates(*waiting);
    drop(*waiting, call::NotStarted{"every thread runs a call that outran its deadline"});
  }
}

void Scheduler::watch_pool() {
  const Time next = pool_.watch(clock_.now());
  if (next != Time::max()) timer_.at(next, [this] { watch_pool(); });
}

bool Scheduler::wait_until_drained(Time until) {
  std::unique_lock lock(drained_mutex_);
  while (open_calls_.load() != 0 && clock_.now() < until) {
    clock_.wait_until(lock, drained_, until);
  }
  return open_calls_.load() == 0;
}

void Scheduler::drop_waiting() {
  std::vector<Task*> waiting = pool_.take_out_all();
  for (Task* task : waiting) leave_gates(*task);
  {
    const std::lock_guard lock(gates_mutex_);
    for (const auto& gate : gates_) {
      waiting.insert(waiting.end(), gate->waiting.begin(), gate->waiting.end());
      gate->waiting.clear();
    }
  }
  for (Task* task : waiting) drop(*task, call::NotStarted{"the engine is stopping"});
}

std::vector<std::string> Scheduler::stop(std::chrono::milliseconds grace) {
  is_draining_.store(true);
  if (!wait_until_drained(clock_.now() + grace)) {
    is_stopping_.store(true);
    drop_waiting();
    const Time now = clock_.now();
    for (const RunningTask& late : pool_.running()) answer_running(late, call::Cancelled{}, now);
    for (const RunningTask& late : overdue_async(Time::max()).tasks) {
      answer_running(late, call::Cancelled{}, now);
    }
  }
  is_stopping_.store(true);
  timer_.stop();
  static_cast<void>(wait_until_drained(clock_.now() + kUnwinding));
  pool_.begin_stop();
  static_cast<void>(pool_.wait_until_empty(clock_.now() + kUnwinding));
  std::vector<std::string> names = pool_.abandon();
  std::unique_lock lock(async_mutex_);
  const Time until = clock_.now() + kUnwinding;
  while (open_async_ != 0 && clock_.now() < until) clock_.wait_until(lock, async_left_, until);
  for (const Task* task : running_async_) names.push_back(task->tool->spec->name);
  return names;
}

}  // namespace atonce::engine
