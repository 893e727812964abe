// Threads that keep cores busy in a known way, to see what that does to a call beside them, and
// what the machine itself gains from several threads.
//
// Thread safety: one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace atonce::compare {

enum class Habit {
  compute,  // registers only
  stream,   // through more memory than the caches hold
};

// `count` threads that do so, from when this is made until it is destroyed.
class Neighbours final {
 public:
  Neighbours(Habit habit, std::size_t count);
  ~Neighbours();
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

 private:
  std::atomic<bool> is_over_ = false;
  std::atomic<std::size_t> ready_ = 0;  // threads that have begun
  std::vector<std::thread> threads_;
};

// How many times as much `threads` threads compute as one does, in twice `time`.
[[nodiscard]] double machine_speedup(std::size_t threads, Duration time);

}  // namespace atonce::compare
