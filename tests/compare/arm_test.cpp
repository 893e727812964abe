#include "compare/arm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace atonce::compare {
namespace {

std::vector<std::size_t> workers_of(const std::vector<Arm>& arms, ArmKind kind) {
  std::vector<std::size_t> workers;
  for (const Arm& arm : arms) {
    if (arm.kind == kind) workers.push_back(arm.workers);
  }
  return workers;
}

TEST(Arms, AreDoubledUpToTheCoresAndThenTwiceThem) {
  using Counts = std::vector<std::size_t>;
  EXPECT_EQ(workers_of(arms_for({.cores = 1}), ArmKind::threads_nogil), (Counts{1, 2}));
  EXPECT_EQ(workers_of(arms_for({.cores = 2}), ArmKind::threads_nogil), (Counts{1, 2, 4}));
  EXPECT_EQ(workers_of(arms_for({.cores = 6}), ArmKind::processes), (Counts{1, 2, 4, 6, 12}));
  EXPECT_EQ(workers_of(arms_for({.cores = 8}), ArmKind::threads_gil), (Counts{1, 2, 4, 8, 16}));
}

TEST(Arms, BeginWithTheSerialOneWhichIsThereOnce) {
  const auto arms = arms_for({.cores = 4});
  EXPECT_EQ(arms.front(), (Arm{ArmKind::serial, 1}));
  EXPECT_EQ(std::ranges::count(arms, ArmKind::serial, &Arm::kind), 1);
}

TEST(Arms, LeaveOutWhatTheMachineHasNot) {
  for (const Arm& arm : arms_for({.cores = 2})) {
    EXPECT_FALSE(is_ordinary(arm.kind));
    EXPECT_NE(arm.kind, ArmKind::subinterpreters);
    EXPECT_NE(arm.kind, ArmKind::processes_fork);
  }
  const auto all =
      arms_for({.cores = 2, .has_subinterpreters = true, .has_fork = true, .has_ordinary = true});
  EXPECT_EQ(workers_of(all, ArmKind::python_serial).size(), 1U);
  EXPECT_EQ(workers_of(all, ArmKind::subinterpreters).size(), 3U);
}

TEST(Arms, HaveLabelsOfTheirOwnAndAreKnownByTheirNames) {
  std::set<std::string> labels;
  const auto arms =
      arms_for({.cores = 6, .has_subinterpreters = true, .has_fork = true, .has_ordinary = true});
  for (const Arm& arm : arms) {
    EXPECT_TRUE(labels.insert(label_of(arm)).second) << label_of(arm);
    EXPECT_EQ(arm_kind_of(name_of(arm.kind)), arm.kind);
  }
  EXPECT_EQ(arm_kind_of("fibers"), std::nullopt);
}

}  // namespace
}  // namespace atonce::compare
