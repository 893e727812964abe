// The rounds of one arm as they come in, and what they amount to.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/host.h"
#include "compare/report.h"

namespace atonce::compare {

// One round and what it used.
struct Sample {
  std::size_t cycle = 0;  // the rounds of one cycle were measured side by side
  Round round;
  Usage usage = {};
};

struct ArmSamples {
  Arm arm;
  std::size_t calls = 0;  // of each round
  HostFacts facts = {};
  std::optional<std::size_t> memory_bytes = std::nullopt;
  std::vector<Sample> samples = {};
  std::size_t printed_bytes = 0;
  std::string trouble = {};  // why it has no more samples; may be empty

  [[nodiscard]] std::vector<double> seconds() const;  // of each round, in order
};

// other's seconds / this one's, of the cycles that both have. The first is the one called faster
// when the ratio is above 1.
[[nodiscard]] Interval speedup(const ArmSamples& faster, const ArmSamples& slower);

// The arm, if it has samples; else null.
[[nodiscard]] const ArmSamples* find_measured(const Arm& arm, std::span<const ArmSamples> all);

// The serial arm that `arm` is compared with: that of the same Python. Null when there is none, or
// it has no samples.
[[nodiscard]] const ArmSamples* serial_for(const ArmSamples& arm, std::span<const ArmSamples> all);

// The fastest arm that runs one call at a time; null when none has samples.
[[nodiscard]] const ArmSamples* best_serial(std::span<const ArmSamples> all);

[[nodiscard]] ArmReport summarize(const ArmSamples& arm, std::span<const ArmSamples> all);

}  // namespace atonce::compare
