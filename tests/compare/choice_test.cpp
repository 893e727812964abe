#include "compare/choice.h"

#include <gtest/gtest.h>

namespace atonce::compare {
namespace {

ArmReport arm(double seconds, std::optional<double> gain = std::nullopt) {
  ArmReport report{.arm = {ArmKind::threads_nogil, 2},
                   .seconds = Interval{seconds, seconds, seconds}};
  if (gain) report.speedup_over_best = Interval{*gain, *gain, *gain};
  return report;
}

TEST(Choice, GoesByTheGainWhereBothHaveOne) {
  EXPECT_TRUE(is_better(arm(2, 1.9), arm(1, 1.5)));
  EXPECT_FALSE(is_better(arm(1, 1.5), arm(2, 1.9)));
}

TEST(Choice, GoesByTheTimeWhereOneHasNone) {
  EXPECT_TRUE(is_better(arm(1), arm(2, 1.9)));
  EXPECT_FALSE(is_better(arm(2, 1.9), arm(1)));
}

TEST(Choice, AFewHundredthsAreNotWorthMoreWorkers) {
  EXPECT_FALSE(is_better(arm(1, 1.92), arm(1, 1.9)));
  EXPECT_FALSE(is_better(arm(0.98), arm(1)));
}

}  // namespace
}  // namespace atonce::compare
