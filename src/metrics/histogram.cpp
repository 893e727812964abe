#include "metrics/histogram.h"

#include <algorithm>

namespace atonce::metrics {

void Histogram::add(Duration took) {
  const auto bucket = std::ranges::lower_bound(kBounds, took);  // the first bound that is not less
  const auto index = static_cast<std::size_t>(bucket - kBounds.begin());
  buckets_[index].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(took.count(), std::memory_order_relaxed);
}

Histogram::Counts Histogram::read() const {
  Counts counts{
      .buckets = {}, .count = 0, .sum = Duration(sum_ns_.load(std::memory_order_relaxed))};
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    counts.buckets[index] = buckets_[index].load(std::memory_order_relaxed);
    counts.count += counts.buckets[index];  // so that the last bucket and the count always agree
  }
  return counts;
}

}  // namespace atonce::metrics
