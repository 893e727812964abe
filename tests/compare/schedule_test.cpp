#include "compare/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

std::vector<Arm> arms_of(std::size_t cores) { return arms_for({.cores = cores}); }

TEST(CallsPerRound, AreAMultipleOfEveryNumberOfWorkers) {
  for (const std::size_t cores : {2U, 4U, 6U, 12U}) {
    const auto arms = arms_of(cores);
    const std::size_t calls = calls_per_round(10us, arms, 15s);
    for (const Arm& arm : arms) EXPECT_EQ(calls % arm.workers, 0U) << label_of(arm);
  }
}

TEST(CallsPerRound, LeaveTimeForEnoughCycles) {
  const auto arms = arms_of(2);
  const std::size_t calls = calls_per_round(1ms, arms, 15s);
  const Duration cycle = 1ms * static_cast<int>(calls * arms.size());
  EXPECT_LE(cycle * kWantedCycles, 15s);
  EXPECT_GE(cycle * kWantedCycles, 13s);
}

TEST(CallsPerRound, AreNeverFewerThanTheWorkersNorBeyondBounds) {
  EXPECT_EQ(calls_per_round(10s, arms_of(2), 15s), 4U);
  EXPECT_LE(calls_per_round(1ns, arms_of(2), 15s), kMostCalls);
}

std::vector<Costed> costed(Duration round) {
  std::vector<Costed> all;
  for (const Arm& arm : arms_of(4)) all.push_back({arm, round});
  return all;
}

TEST(AffordableArms, AreAllOfThemWhenThereIsTime) {
  EXPECT_EQ(affordable(costed(10ms), 4, 15s).size(), arms_of(4).size());
}

TEST(AffordableArms, GiveUpTwiceTheCoresFirstAndTheSerialOneNever) {
  const auto some = affordable(costed(250ms), 4, 15s);
  EXPECT_TRUE(std::ranges::none_of(some, [](const Arm& arm) { return arm.workers == 8; }));
  EXPECT_TRUE(std::ranges::any_of(some, [](const Arm& arm) { return arm.workers == 4; }));
  const auto least = affordable(costed(1h), 4, 15s);
  EXPECT_EQ(std::ranges::count(least, ArmKind::serial, &Arm::kind), 1);
  EXPECT_TRUE(std::ranges::all_of(least, [](const Arm& arm) {
    return arm.workers == 4 || is_serial(arm.kind) || arm == Arm{ArmKind::threads_nogil, 1};
  }));
}

}  // namespace
}  // namespace atonce::compare
