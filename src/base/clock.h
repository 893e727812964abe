// Time as something that can be replaced: tests bring a clock that they move by hand.
//
// Thread safety: all methods may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace atonce {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

[[nodiscard]] inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;

  // Waits on `wake` until it is notified or this clock reaches `until`; may wake without reason.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                          Time until) = 0;
};

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return std::chrono::steady_clock::now(); }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  Time until) override {
    if (until == Time::max()) {
      wake.wait(lock);  // wait_until(max) overflows in the library's own arithmetic
    } else {
      wake.wait_until(lock, until);
    }
  }
};

}  // namespace atonce
