#include "check/sides.h"

#include <gtest/gtest.h>

#include "check/findings.h"

namespace atonce::check {
namespace {

using Names = std::vector<std::string>;

TEST(Sides, AreTheAccessesOfEachThreadInTheirOrder) {
  const Finding finding = lost_update(11, 12);

  const std::vector<Side> sides = sides_of(finding);

  const Access* const first = finding.accesses.data();
  EXPECT_EQ(sides, (std::vector<Side>{{first}, {first + 1, first + 2}}));
}

TEST(Sides, AreNoneWithoutAccesses) { EXPECT_TRUE(sides_of(finding_of("data_race", {})).empty()); }

TEST(Sides, HoldTheLocksThatAreHeldAtEachOfTheirAccesses) {
  const Finding finding =
      finding_of("lost_update", {access_at(11, "read", "call-1", {"a", "b", "c"}),
                                 access_at(12, "write", "call-1", {"c", "a"})});

  EXPECT_EQ(locks_of(sides_of(finding)[0]), (Names{"a", "c"}));
}

TEST(Sides, HoldNoLockThatWasLetGoBetweenTwoOfTheirAccesses) {
  const Finding finding = finding_of(
      "lost_update", {access_at(11, "read", "call-1", {"a"}), access_at(12, "write", "call-1")});

  EXPECT_EQ(locks_of(sides_of(finding)[0]), Names{});
}

TEST(Sides, KnowWhichOperationsWrite) {
  for (const char* op : {"write", "read_write", "delete"}) {
    EXPECT_TRUE(writes(access_at(1, op, "call-1"))) << op;
  }
  for (const char* op : {"read", "iterate", "acquire"}) {
    EXPECT_FALSE(writes(access_at(1, op, "call-1"))) << op;
  }
}

TEST(Sides, NameAPlaceByItsFileWithoutTheFolder) {
  Access access = access_at(12, "read", "call-1");
  EXPECT_EQ(short_place(access), "bank.py:12");
  access.file = "bank.py";
  EXPECT_EQ(short_place(access), "bank.py:12");
}

}  // namespace
}  // namespace atonce::check
