#include "engine/timer.h"

#include <utility>

namespace atonce::engine {

Timer::Timer(Clock& clock) : clock_(clock), thread_([this] { work(); }) {}

bool Timer::at(Time time, Action&& action) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) return false;
  const bool is_first = actions_.empty() || time < actions_.begin()->first;
  actions_.emplace(time, std::move(action));
  if (is_first) changed_.notify_one();
  return true;
}

void Timer::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const Time next = actions_.empty() ? Time::max() : actions_.begin()->first;
    if (!is_stopping_ && next > clock_.now()) {
      clock_.wait_until(lock, changed_, next);
      continue;
    }
    if (actions_.empty()) return;  // and stopping
    Action action = std::move(actions_.extract(actions_.begin()).mapped());
    lock.unlock();
    action();
    lock.lock();
  }
}

void Timer::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace atonce::engine
