#include "compare/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace atonce::compare {
namespace {

constexpr double kTail = 0.025;  // of the law, on each side

// How many values are left out on each side: the largest number for which fewer than so many heads
// in `count` throws are rarer than kTail.
std::size_t left_out(std::size_t count) {
  double probability = std::pow(0.5, static_cast<double>(count));  // of exactly `heads`
  double below = 0;
  std::size_t heads = 0;
  while (heads < count / 2 && below + probability <= kTail) {
    below += probability;
    probability *= static_cast<double>(count - heads) / static_cast<double>(heads + 1);
    ++heads;
  }
  return heads;
}

double correlation_with_next(std::span<const double> values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double together = 0;
  double alone = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    alone += (values[at] - mean) * (values[at] - mean);
    if (at > 0) together += (values[at] - mean) * (values[at - 1] - mean);
  }
  return alone > 0 ? std::clamp(together / alone, 0.0, 0.99) : 0;
}

double independent_values(std::span<const double> values) {
  const double correlation = correlation_with_next(values);
  return static_cast<double>(values.size()) * (1 - correlation) / (1 + correlation);
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Interval interval_of(std::span<const double> values) {
  if (values.empty()) return {};
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  // The same share of the values is left out as would be of so many independent ones.
  const auto independent = static_cast<std::size_t>(independent_values(values));
  std::size_t left = 0;
  if (const std::size_t out = left_out(independent); out > 0) {
    left = (out - 1) * sorted.size() / independent;
  }
  return {
      .median = median_of(sorted), .low = sorted[left], .high = sorted[sorted.size() - 1 - left]};
}

Interval ratio_of(std::span<const double> above, std::span<const double> below) {
  std::vector<double> ratios;
  for (std::size_t at = 0; at < std::min(above.size(), below.size()); ++at) {
    if (below[at] > 0) ratios.push_back(above[at] / below[at]);
  }
  return interval_of(ratios);
}

double relative_width(const Interval& interval) {
  if (interval.median == 0) return std::numeric_limits<double>::infinity();
  return (interval.high - interval.low) / std::abs(interval.median);
}

bool overlap(const Interval& one, const Interval& other) {
  return one.low <= other.high && other.low <= one.high;
}

}  // namespace atonce::compare
