#include "race/lock_order.h"

#include <gtest/gtest.h>

#include "race/program.h"

namespace atonce::race {
namespace {

using testing::Program;

constexpr Address kA = 0x7f00'0000'2000;
constexpr Address kB = 0x7f00'0000'3000;
constexpr Address kC = 0x7f00'0000'4000;
constexpr Address kGate = 0x7f00'0000'5000;

class LockOrder : public ::testing::Test {
 protected:
  Program program;
  race::LockOrder order;
  Thread& main = program.start();

  // Takes the locks in that order and gives them back; the number of cycles that this closed.
  std::size_t take(Thread& thread, const std::vector<Address>& locks) {
    std::size_t cycles = 0;
    for (const Address lock : locks) {
      const HeldLock held{.lock = lock, .site = program.read_site()};
      cycles += order.take(thread, held).size();
      program.take(thread, lock, held.site);
    }
    for (auto lock = locks.rbegin(); lock != locks.rend(); ++lock) program.give(thread, *lock);
    return cycles;
  }
};

TEST_F(LockOrder, FindsTwoLocksTakenInBothOrders) {
  Thread& first = program.start(&main);
  Thread& second = program.start(&main);

  EXPECT_EQ(take(first, {kA, kB}), 0U);
  EXPECT_EQ(take(second, {kB, kA}), 1U);
}

TEST_F(LockOrder, FindsACycleOfThree) {
  Thread& first = program.start(&main);
  Thread& second = program.start(&main);
  Thread& third = program.start(&main);

  EXPECT_EQ(take(first, {kA, kB}), 0U);
  EXPECT_EQ(take(second, {kB, kC}), 0U);
  EXPECT_EQ(take(third, {kC, kA}), 1U);
}

TEST_F(LockOrder, OneThreadCannotWaitForItself) {
  Thread& first = program.start(&main);

  EXPECT_EQ(take(first, {kA, kB}), 0U);
  EXPECT_EQ(take(first, {kB, kA}), 0U);
}

TEST_F(LockOrder, ALockAroundBothKeepsThemApart) {
  Thread& first = program.start(&main);
  Thread& second = program.start(&main);

  EXPECT_EQ(take(first, {kGate, kA, kB}), 0U);
  EXPECT_EQ(take(second, {kGate, kB, kA}), 0U);
}

TEST_F(LockOrder, ThreadsThatAreNeverThereAtOnceCannotWaitForEachOther) {
  Thread& first = program.start(&main);
  EXPECT_EQ(take(first, {kA, kB}), 0U);
  program.join(main, first);
  Thread& second = program.start(&main);

  EXPECT_EQ(take(second, {kB, kA}), 0U);
}

TEST_F(LockOrder, ASignalIsNoLock) {
  Thread& first = program.start(&main);
  Thread& second = program.start(&main);
  order.forget(kB);

  EXPECT_EQ(take(first, {kA, kB}), 0U);
  EXPECT_EQ(take(second, {kB, kA}), 0U);
}

}  // namespace
}  // namespace atonce::race
