// How the time given to a comparison is shared out: how many calls make a round, which arms there
// is time for, how long to go on.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "compare/arm.h"

namespace atonce::compare {

// Of the whole budget: for the rounds that are compared, and for finding causes after them. The
// rest is for starting the arms.
inline constexpr double kShareOfRounds = 0.5;
inline constexpr double kShareOfCauses = 0.3;

// A round is long enough for the clock and the scheduler's noise, and short enough for many.
inline constexpr std::size_t kWantedCycles = 25;
inline constexpr std::size_t kLeastCycles = 6;    // for an interval at 95 %
inline constexpr std::size_t kMostCalls = 2'000;  // copied one by one they take long enough

// How many calls make a round, when one takes `call` in the serial arm: such that kWantedCycles
// cycles of `arms` rounds fit into `time`; a multiple of the workers of every arm where there is
// time for it, so that all end together, and no less than the largest number of them.
[[nodiscard]] std::size_t calls_per_round(Duration call, const std::vector<Arm>& arms,
                                          Duration time);

// Which of the arms there is time for, when a round of each takes so long, in kLeastCycles cycles:
// first go twice as many workers as cores, then those between one and the cores, then one. Stay do
// the serial arms and, since the others are judged by it, the one worker without the GIL.
struct Costed {
  Arm arm;
  Duration round{};
};
[[nodiscard]] std::vector<Arm> affordable(std::vector<Costed> arms, std::size_t cores,
                                          Duration time);

}  // namespace atonce::compare
