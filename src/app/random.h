// Chance, for what must not fall into step: the waits before retries, the order of rounds.
#pragma once

#include <functional>
#include <random>

namespace atonce::app {

// Gives numbers in [0, 1). Called by one thread at a time.
[[nodiscard]] inline std::function<double()> random_numbers() {
  return [generator = std::mt19937(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(generator);
  };
}

}  // namespace atonce::app
