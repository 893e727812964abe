// How long things took, counted in buckets: from 0.1 milliseconds to a minute.
//
// Thread safety: all functions from any thread, without a lock. What is read while others add may
// lack the last of them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace atonce::metrics {

class Histogram final {
 public:
  // What falls on a bound belongs to its bucket; there is one more bucket, without a bound.
  static constexpr std::array<std::chrono::microseconds, 18> kBounds = {
      std::chrono::microseconds{100},        std::chrono::microseconds{250},
      std::chrono::microseconds{500},        std::chrono::microseconds{1'000},
      std::chrono::microseconds{2'500},      std::chrono::microseconds{5'000},
      std::chrono::microseconds{10'000},     std::chrono::microseconds{25'000},
      std::chrono::microseconds{50'000},     std::chrono::microseconds{100'000},
      std::chrono::microseconds{250'000},    std::chrono::microseconds{500'000},
      std::chrono::microseconds{1'000'000},  std::chrono::microseconds{2'500'000},
      std::chrono::microseconds{5'000'000},  std::chrono::microseconds{10'000'000},
      std::chrono::microseconds{30'000'000}, std::chrono::microseconds{60'000'000}};

  struct Counts {
    std::array<std::uint64_t, kBounds.size() + 1> buckets;  // each alone, not added up
    std::uint64_t count;
    Duration sum;
  };

  void add(Duration took);
  [[nodiscard]] Counts read() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_ = {};
  std::atomic<std::int64_t> sum_ns_ = 0;
};

}  // namespace atonce::metrics
