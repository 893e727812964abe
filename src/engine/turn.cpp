#include "engine/turn.h"

#include <algorithm>
#include <utility>

namespace atonce::engine {
Turn::Turn(call::Plan plan, std::uint64_t first_ticket, Time started, Observer& observer, Done done)
    : started_(started),
      observer_(observer),
      done_(std::move(done)),
      tasks_(plan.calls.size()),
      unanswered_(plan.calls.size()),
      unreleased_(plan.calls.size()) {
  reply_.calls.reserve(plan.calls.size());
  for (std::size_t index = 0; index < plan.calls.size(); ++index) {
    reply_.calls.push_back({.call = std::move(plan.calls[index]), .outcome = call::Cancelled{}});
    tasks_[index].turn = this;
    tasks_[index].index = index;
    tasks_[index].control.ticket = first_ticket + index;
  }
}

void Turn::be_heard_by(const std::shared_ptr<CallListener>& listener) {
  for (Task& task : tasks_) task.control.listener = listener;
}

bool Turn::answer(Task& task, call::Outcome outcome, Time now, std::string_view lane, Answerer by) {
  if (task.is_answered.exchange(true)) return false;
  call::Finished& finished = reply_.calls[task.index];
  const std::int64_t started = task.started_ns.load();
  if (by == Answerer::other) {
    task.control.is_stopped.store(true);  // before anybody looks for the run, to interrupt it
    if (started >= 0) has_late_calls_.store(true);
  }
  finished.outcome = std::move(outcome);
  finished.ended = now - started_;
  finished.started = started < 0 ? finished.ended : Duration(started);
  finished.lane = lane;
  observer_.on_finished(finished);
  if (unanswered_.fetch_sub(1) == 1) finish();
  return true;
}

void Turn::finish() {
  for (const call::Finished& finished : reply_.calls) {
    reply_.elapsed = std::max(reply_.elapsed, finished.ended);
  }
  // A function that still runs reads its call, so the calls stay here and the reply is a copy.
  done_(has_late_calls_.load() ? reply_ : std::move(reply_));
}

void Turn::release() {
  if (unreleased_.fetch_sub(1) == 1) self_.reset();
}

}  // namespace atonce::engine
