// Says "still here" on answers that take long, so that nobody in between takes the connection for
// dead.
//
// Thread safety: all functions from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace atonce::serve {

class Beating {
 public:
  virtual ~Beating() = default;
  virtual void beat() = 0;  // on the pulse's thread
};

class Pulse final {
 public:
  explicit Pulse(Duration interval = std::chrono::seconds(15));
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  // Beaten until it is removed, or gone; then its place is of no more use. The first beat comes
  // after one interval, and before two: it makes an answer a stream, which a quick one should not
  // become.
  struct Watched {
    std::weak_ptr<Beating> beating;
    bool is_due = false;  // it was there at the last beat
  };
  using Place = std::list<Watched>::iterator;
  [[nodiscard]] Place add(const std::shared_ptr<Beating>& beating);
  void remove(Place place);
  [[nodiscard]] std::size_t count();

 private:
  void run();

  const Duration interval_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::list<Watched> all_;    // guarded by mutex_
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace atonce::serve
