#include "compare/fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atonce::compare {
namespace {

std::vector<Point> points_of(double contention, double coherency, std::vector<double> workers) {
  std::vector<Point> points;
  for (const double n : workers) {
    points.push_back({n, n / (1 + contention * (n - 1) + coherency * n * (n - 1))});
  }
  return points;
}

TEST(Fit, FindsAmdahlsShareAgain) {
  std::vector<Point> points;
  for (const double n : {1.0, 2.0, 4.0, 8.0}) points.push_back({n, 1 / (0.2 + 0.8 / n)});
  EXPECT_NEAR(*fit(ArmKind::threads_nogil, points).serial_share, 0.2, 1e-9);
}

TEST(Fit, FindsBothTermsOfTheScalabilityLawAgain) {
  const Fit fitted = fit(ArmKind::threads_nogil, points_of(0.1, 0.02, {1, 2, 4, 8, 16}));
  EXPECT_NEAR(*fitted.contention, 0.1, 1e-9);
  EXPECT_NEAR(*fitted.coherency, 0.02, 1e-9);
  EXPECT_NEAR(*fitted.best_workers, std::sqrt(0.9 / 0.02), 1e-6);
}

// With two cores there is one point, and a loss that waiting cannot explain.
TEST(Fit, NeedsCoherencyOnlyWhereMoreWorkersAreSlower) {
  const Fit slower = fit(ArmKind::threads_nogil, std::vector<Point>{{1, 1}, {2, 0.5}});
  EXPECT_EQ(*slower.contention, 1);
  EXPECT_NEAR(*slower.coherency, 1, 1e-9);
  const Fit faster = fit(ArmKind::threads_nogil, std::vector<Point>{{1, 1}, {2, 1.6}});
  EXPECT_NEAR(*faster.contention, 0.25, 1e-9);
  EXPECT_EQ(*faster.coherency, 0);
  EXPECT_FALSE(faster.best_workers.has_value());
}

TEST(Fit, NeverHasANegativeTerm) {
  const Fit superlinear = fit(ArmKind::processes, std::vector<Point>{{2, 2.1}, {4, 4.4}});
  EXPECT_GE(*superlinear.contention, 0);
  EXPECT_GE(*superlinear.coherency, 0);
  EXPECT_EQ(*superlinear.serial_share, 0);
}

TEST(Fit, SaysNothingOfOneWorker) {
  EXPECT_FALSE(fit(ArmKind::processes, std::vector<Point>{{1, 1}}).serial_share.has_value());
}

TEST(CopyLaw, HasABaseAndAPriceForEachByte) {
  std::vector<CopyCost> costs;
  for (const double bytes : {0.0, 1e3, 1e5, 1e6}) costs.push_back({bytes, 2e-5 + bytes * 1e-9});
  const CopyLaw law = copy_law(costs);
  EXPECT_NEAR(law.base_seconds, 2e-5, 1e-9);
  EXPECT_NEAR(law.seconds_per_byte, 1e-9, 1e-13);
}

CallCosts costs_of(double call, double threads, double processes) {
  return {.call = call,
          .bytes = 1'000,
          .threads = threads,
          .processes = processes,
          .dispatch = 1e-6,
          .copying = {{0, 2e-5}, {1e6, 1.02e-3}}};
}

TEST(Crossing, IsWhereContentionCostsWhatCopyingDoes) {
  // Threads lose a fifth of 1 ms, processes nothing but the copying of 21 us.
  const Crossing found = crossing(costs_of(1e-3, 1.2e-3 + 1e-6, 1e-3 + 2.1e-5));
  EXPECT_NEAR(*found.call_seconds, 2e-5 / 0.2, 1e-7);
  EXPECT_NEAR(*found.argument_bytes, (2e-4 + 1e-6 - 2e-5) / 1e-9, 2e3);
  EXPECT_NE(found.sentence.find("100 us"), std::string::npos) << found.sentence;
}

TEST(Crossing, IsNowhereWhenThreadsLoseNothing) {
  const Crossing found = crossing(costs_of(1e-3, 1.001e-3, 1e-3 + 2.1e-5));
  EXPECT_FALSE(found.call_seconds.has_value());
  EXPECT_NE(found.sentence.find("no call is long enough"), std::string::npos) << found.sentence;
}

TEST(Crossing, IsNotToldWithoutFigures) { EXPECT_EQ(crossing({}).sentence, ""); }

}  // namespace
}  // namespace atonce::compare
