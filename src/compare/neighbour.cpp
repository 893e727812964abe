#include "compare/neighbour.h"

#include <cstdint>
#include <cstring>

namespace atonce::compare {
namespace {

constexpr std::size_t kStreamedBytes = std::size_t{64} << 20;
constexpr std::size_t kPiece = std::size_t{1} << 20;  // copied between two looks at the end
constexpr Duration kLook = std::chrono::milliseconds(1);
constexpr std::size_t kStepsAtOnce = 4'096;

// A chain of operations that each need the one before; `state` keeps it from being left out.
std::uint64_t compute(std::uint64_t state) {
  for (std::size_t step = 0; step < kStepsAtOnce; ++step) {
    state = state * 6364136223846793005U + 1442695040888963407U;
  }
  return state;
}

void compute_until(const std::atomic<bool>& is_over, std::atomic<std::uint64_t>& done) {
  std::uint64_t state = 1;
  std::uint64_t steps = 0;
  while (!is_over.load(std::memory_order_relaxed)) {
    state = compute(state);
    ++steps;
  }
  done += steps + (state == 0 ? 1 : 0);
}

void stream_until(const std::atomic<bool>& is_over, std::atomic<std::size_t>& ready) {
  std::vector<char> bytes(kStreamedBytes, 1);
  ++ready;
  const std::size_t half = bytes.size() / 2;
  while (!is_over.load(std::memory_order_relaxed)) {
    for (std::size_t at = 0; at < half && !is_over.load(std::memory_order_relaxed); at += kPiece) {
      std::memcpy(bytes.data() + at, bytes.data() + half + at, kPiece);
    }
  }
}

std::uint64_t steps_of(std::size_t count, Duration time) {
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> done = 0;
  std::vector<std::thread> threads;
  for (std::size_t each = 0; each < count; ++each) {
    threads.emplace_back([&] { compute_until(is_over, done); });
  }
  std::this_thread::sleep_for(time);
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  return done.load();
}

}  // namespace

Neighbours::Neighbours(Habit habit, std::size_t count) {
  for (std::size_t each = 0; each < count; ++each) {
    threads_.emplace_back([this, habit] {
      if (habit == Habit::stream) return stream_until(is_over_, ready_);
      std::atomic<std::uint64_t> done = 0;
      ++ready_;
      compute_until(is_over_, done);
    });
  }
  while (ready_ < count) std::this_thread::sleep_for(kLook);
}

Neighbours::~Neighbours() {
  is_over_ = true;
  for (std::thread& thread : threads_) thread.join();
}

double machine_speedup(std::size_t threads, Duration time) {
  const auto one = static_cast<double>(steps_of(1, time));
  return one > 0 ? static_cast<double>(steps_of(threads, time)) / one : 1;
}

}  // namespace atonce::compare
