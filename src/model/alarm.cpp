#include "model/alarm.h"

#include <utility>

namespace atonce::model {

Alarm::Alarm(std::optional<std::chrono::milliseconds> after, std::function<void()> action) {
  if (!after) return;
  const auto when = std::chrono::steady_clock::now() + *after;
  thread_ = std::thread([this, when, action = std::move(action)] {
    {
      std::unique_lock lock(mutex_);
      if (ended_.wait_until(lock, when, [this] { return is_ended_; })) return;
    }
    action();
  });
}

Alarm::~Alarm() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

}  // namespace atonce::model
