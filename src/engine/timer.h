// One thread that does things at their time. Internal to engine/.
//
// Thread safety: at() may be called from any thread, also by an action.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace atonce::engine {

class Timer final {
 public:
  using Action = std::move_only_function<void()>;

  explicit Timer(Clock& clock);  // must outlive the timer
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs `action` on the timer's thread, no earlier than `time`; it must not block. False after
  // stop(): it will not run, and is not moved from.
  bool at(Time time, Action&& action);

  // Runs at once what is still pending, then ends the thread. Later actions are refused.
  void stop();

 private:
  void work();

  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, Action> actions_;  // guarded by mutex_
  bool is_stopping_ = false;             // guarded by mutex_
  std::thread thread_;
};

}  // namespace atonce::engine
