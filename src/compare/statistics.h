// Medians of noisy figures, with intervals that assume nothing of how the noise is distributed.
//
// The interval of a median is between two of the sorted values, chosen by the binomial law (the
// sign test): exact for independent values whatever their distribution. Rounds that follow each
// other on a busy machine are not independent; the values count as so many fewer as their
// correlation from one to the next says (the effective sample size of a first-order process).
//
// Thread safety: pure functions.
#pragma once

#include <span>
#include <vector>

#include "compare/report.h"

namespace atonce::compare {

// 0 for no values.
[[nodiscard]] double median_of(std::vector<double> values);

// The median of values in the order of time, and its interval at 95 %. With fewer than six values
// (or what counts as so few) there is no such interval, and the whole range stands for it.
[[nodiscard]] Interval interval_of(std::span<const double> values);

// Of the ratios above[i] / below[i], which were measured side by side.
[[nodiscard]] Interval ratio_of(std::span<const double> above, std::span<const double> below);

// How wide the interval is, as a share of its median; infinite where the median is 0.
[[nodiscard]] double relative_width(const Interval& interval);

[[nodiscard]] bool overlap(const Interval& one, const Interval& other);

}  // namespace atonce::compare
