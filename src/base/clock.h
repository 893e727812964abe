// Time as something that can be replaced: tests bring a clock that they move by hand.
//
// Thread safety: all methods may be called from any thread.
#pragma once

#include <chrono>

namespace atonce {

using Time = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace atonce
