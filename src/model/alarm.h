// Calls a function when a time is over, unless it is destroyed before.
//
// Thread safety: made and destroyed by one thread; the function runs on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace atonce::model {

class Alarm final {
 public:
  // Without a time it never rings.
  Alarm(std::optional<std::chrono::milliseconds> after, std::function<void()> action);
  ~Alarm();  // waits for the action, if it runs now
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;  // guarded by mutex_
  std::thread thread_;     // not started without a time
};

}  // namespace atonce::model
