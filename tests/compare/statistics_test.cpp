#include "compare/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace atonce::compare {
namespace {

TEST(Median, IsTheMiddleOrBetweenTheTwo) {
  EXPECT_EQ(median_of({}), 0);
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 3, 2}), 2.5);
}

TEST(IntervalOfAMedian, IsTheWholeRangeForFewValues) {
  const std::vector<double> values{5, 1, 4, 2, 3};
  EXPECT_EQ(interval_of(values), (Interval{.median = 3, .low = 1, .high = 5}));
}

// The ranks of the sign test at 95 %: of 20 values the 6th and the 15th.
TEST(IntervalOfAMedian, LeavesOutWhatTheBinomialLawAllows) {
  std::vector<double> values;
  for (int value = 1; value <= 20; ++value) values.push_back(value * 13 % 21);
  const Interval interval = interval_of(values);
  EXPECT_EQ(interval.low, 6);
  EXPECT_EQ(interval.high, 15);
}

// Values that follow each other closely count as few.
TEST(IntervalOfAMedian, IsWiderWhenNoiseComesInWaves) {
  std::vector<double> mixed;
  std::vector<double> waves;
  for (int at = 0; at < 40; ++at) {
    mixed.push_back(at % 2 == 0 ? 1 + 0.01 * at : 2 + 0.01 * at);
    waves.push_back(std::sin(at / 6.0));
  }
  const auto spread = [](const std::vector<double>& values) {
    const Interval interval = interval_of(values);
    std::vector<double> sorted = values;
    std::ranges::sort(sorted);
    return (interval.high - interval.low) / (sorted.back() - sorted.front());
  };
  EXPECT_GT(spread(waves), 0.9);
  EXPECT_LT(spread(mixed), 0.9);
}

// 400 samples from a skewed law whose median is known.
TEST(IntervalOfAMedian, HoldsTheTrueMedianAsOftenAsItSays) {
  std::mt19937 generator(1);
  std::exponential_distribution<double> noise(1);
  int held = 0;
  for (int run = 0; run < 400; ++run) {
    std::vector<double> values;
    for (int value = 0; value < 15; ++value) values.push_back(noise(generator));
    const Interval interval = interval_of(values);
    held += interval.low <= std::log(2) && std::log(2) <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 380 - 12);  // three standard deviations below 95 %
}

TEST(Ratios, AreTakenPairByPair) {
  const std::vector<double> slow{2, 20, 200};
  const std::vector<double> fast{1, 10, 100};
  EXPECT_EQ(ratio_of(slow, fast), (Interval{.median = 2, .low = 2, .high = 2}));
}

TEST(Intervals, OverlapWhenTheyShareAPoint) {
  EXPECT_TRUE(overlap({1, 0, 2}, {3, 2, 4}));
  EXPECT_FALSE(overlap({1, 0, 2}, {3, 2.5, 4}));
  EXPECT_EQ(relative_width({2, 1, 3}), 1);
}

}  // namespace
}  // namespace atonce::compare
