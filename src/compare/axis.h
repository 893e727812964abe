// Where values lie along one side of a plot, and the round ones that are written beside it.
//
// Thread safety: pure functions of values.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace atonce::compare {

enum class Scale { linear, log2, log10 };

struct Tick {
  double value = 0;
  std::string label;
};

struct Axis {
  Scale scale = Scale::linear;
  double low = 0;
  double high = 1;
  // On a scale of logarithms, which has no place for 0: its place is the very beginning.
  bool has_zero = false;
  std::vector<Tick> ticks = {};

  // 0 at the beginning, 1 at the end; values beyond are put there.
  [[nodiscard]] double place(double value) const;
};

using Label = std::function<std::string(double)>;

// Holds all of `values`, and begins and ends at round ones; a linear one begins at 0 unless there
// are negative values. At most nine ticks. What is not finite, or below 0 on a scale of logarithms,
// is left out.
[[nodiscard]] Axis make_axis(Scale scale, std::span<const double> values, const Label& label);

// From the least to the greatest of `values`, with a tick at each.
[[nodiscard]] Axis axis_through(Scale scale, std::vector<double> values, const Label& label);

// "1.00 ms" as "1 ms": for ticks, which are round.
[[nodiscard]] std::string without_trailing_zeros(const std::string& figure);

}  // namespace atonce::compare
