#include "check/advice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "check/findings.h"
#include "check/parsed.h"

namespace atonce::check {
namespace {

using Lines = std::map<int, std::string>;

std::string advice_of(const Finding& finding, const Lines& lines = {}) {
  Sources sources = bank_with(lines);
  return advice_for(finding, sources);
}

// The first thread reads and then writes in line 12, the second one writes in line 22.
Finding update_with_locks(std::vector<std::string> first, std::vector<std::string> second) {
  return finding_of("lost_update", {access_at(11, "read", "call-1", first),
                                    access_at(12, "write", "call-1", first),
                                    access_at(22, "write", "call-2", std::move(second))});
}

Finding test_of(std::string container, std::string text = "cache") {
  return with_text(with_container(check_then_act(11, 12), std::move(container)), text);
}

Finding iteration_over(std::string container) {
  return with_text(with_container(iterate_mutate(11, 12), std::move(container)), "guests");
}

// ---- what would have had to come before what

TEST(MissingOrder, IsThatNothingKeepsAWriteOutOfAnUpdate) {
  EXPECT_EQ(missing_order(lost_update(11, 12)),
            "the write at bank.py:12 in the other thread may come between the read at bank.py:11 "
            "and the write at bank.py:12: nothing orders it before the one or after the other");
}

TEST(MissingOrder, NamesTheLineOnceWhereAnUpdateIsOnOne) {
  EXPECT_TRUE(has(missing_order(check_then_act(12, 12)),
                  "may come between the read and the write at bank.py:12: "));
}

TEST(MissingOrder, IsTheSameWhicheverThreadTheFindingNamesFirst) {
  Finding turned = lost_update(11, 12);
  std::rotate(turned.accesses.begin(), turned.accesses.begin() + 1, turned.accesses.end());

  EXPECT_EQ(missing_order(turned), missing_order(lost_update(11, 12)));
}

TEST(MissingOrder, NamesTheReadOfTheThreadThatWasSeenToReadFirst) {
  Finding finding = check_then_act(11, 12);
  finding.accesses[0].op = "read_write";  // as well, but its read is not in line 12

  EXPECT_TRUE(
      has(missing_order(finding), "between the read at bank.py:11 and the write at bank.py:12: "));
}

TEST(MissingOrder, OfThreadsThatBothReadAndWriteAtOnceNamesTheLine) {
  const Finding finding = finding_of("lost_update", {access_at(12, "read_write", "call-1"),
                                                     access_at(13, "read_write", "call-2")});

  EXPECT_TRUE(has(missing_order(finding),
                  "the write at bank.py:13 in the other thread may come between the read and the "
                  "write at bank.py:12: "));
}

TEST(MissingOrder, OfAGuessSaysNothingOfAWriteThatWasNotSeen) {
  for (const char* write : {"write", "read_write"}) {
    Finding guess = as_guess(finding_of(
        "check_then_act", {access_at(11, "read", "call-1"), access_at(12, write, "call-2")}));
    const std::string expected =
        "the write at bank.py:12 in the other thread may come between the read at bank.py:11 and "
        "what is done upon it: nothing orders it before the one or after the other";

    EXPECT_EQ(missing_order(guess), expected);
    std::ranges::reverse(guess.accesses);
    EXPECT_EQ(missing_order(guess), expected);
  }
}

TEST(MissingOrder, OfTwoAccessesNamesBoth) {
  EXPECT_EQ(missing_order(data_race(11, 12)),
            "nothing orders the read at bank.py:11 and the write at bank.py:12, whichever comes "
            "first");
  EXPECT_TRUE(has(missing_order(iterate_mutate(11, 12)), "the iteration at bank.py:11"));
}

TEST(MissingOrder, OfLocksSaysWhichIsTakenWhileWhichIsHeld) {
  EXPECT_EQ(missing_order(lock_order()),
            "`b` is taken at bank.py:21 while `a` is held; `a` is taken at bank.py:31 while `b` is "
            "held: each thread can wait for the other for ever");
}

TEST(MissingOrder, IsEmptyWhereThereAreNoTwoThreads) {
  EXPECT_EQ(missing_order(finding_of("gil_enabled", {})), "");
  EXPECT_EQ(missing_order(finding_of("lock_order", {})), "");
  EXPECT_EQ(missing_order(finding_of("data_race", {access_at(11, "read", "call-1")})), "");
}

// ---- which lock

TEST(Advice, IsToHoldOneLockWhereThereIsNone) {
  EXPECT_TRUE(
      has(advice_of(lost_update()),
          "hold one lock (`threading.Lock()`), the same for all of `bank.balance`, from the read "
          "to the write in every thread"));
  EXPECT_TRUE(has(advice_of(data_race()), "for each access in every thread"));
  EXPECT_TRUE(has(advice_of(iterate_mutate()), "while it iterates in every thread"));
}

TEST(Advice, IsToTakeTheLockThatTheOtherSideHolds) {
  EXPECT_TRUE(has(advice_of(update_with_locks({"lock"}, {})),
                  "take `lock` at bank.py:22 too, as the other side does"));
  EXPECT_TRUE(
      has(advice_of(update_with_locks({}, {"lock"})),
          "take `lock` at bank.py:11 too, as the other side does, and hold it from the read to "
          "the write"));
}

TEST(Advice, NamesTheAccessThatDoesNotHoldTheLock) {
  Finding finding = update_with_locks({"lock"}, {"lock"});
  finding.accesses[1].locks = {};  // read with the lock, written without

  EXPECT_TRUE(has(advice_of(finding), "take `lock` at bank.py:12 too, as the other side does"));
}

TEST(Advice, IsToTakeOneOfTheLocksThatTheOtherSideHolds) {
  const std::string advice = advice_of(update_with_locks({"a", "b"}, {}));

  EXPECT_TRUE(has(advice, "take `a` at bank.py:22 too, as the other side does"));
  EXPECT_FALSE(has(advice, "different locks"));
}

TEST(Advice, IsNotToLetTheLockGoInBetween) {
  EXPECT_TRUE(has(advice_of(update_with_locks({"lock"}, {"lock"})),
                  "`lock` is let go in between: hold it from the read to the write"));
  EXPECT_TRUE(has(advice_of(update_with_locks({"a", "lock"}, {"b", "lock"})),
                  "`lock` is let go in between"));
}

TEST(Advice, IsToGuardWithOneOfTheDifferentLocks) {
  EXPECT_TRUE(
      has(advice_of(update_with_locks({"a"}, {"b"})),
          "the sides hold different locks (`a`, `b`), which order nothing: guard `bank.balance` "
          "with one of them everywhere"));
}

TEST(Advice, IsToTakeLocksInOneOrder) {
  EXPECT_EQ(advice_of(lock_order()),
            "take these locks in one order everywhere (`a`, `b`), or one lock around both");
}

TEST(Advice, IsToLookForAModuleThatLeavesTheGilOff) {
  Finding finding = finding_of("gil_enabled", {});
  finding.variable = "old";

  EXPECT_TRUE(has(advice_of(finding), "`old`"));
}

TEST(Advice, IsNotGivenForWhatIsNoErrorButForLocks) {
  EXPECT_EQ(advice_of(with_level(data_race(), Level::note)), "");
  EXPECT_EQ(advice_of(with_level(lost_update(), Level::warning)), "");
  EXPECT_NE(advice_of(with_level(lock_order(), Level::warning)), "");
}

// ---- what does the same in one step

TEST(Advice, ForACountIsAnotherWayOfCounting) {
  EXPECT_TRUE(has(advice_of(lost_update(11, 11), {{11, "balance += 1"}}), "itertools.count()"));
  EXPECT_TRUE(
      has(advice_of(lost_update(11, 12), {{11, "old = balance"}, {12, "balance = old * 2"}}),
          "`queue.Queue`"));
}

TEST(Advice, ForAMappingIsToTestAndPutInOneStep) {
  const Lines lines{{11, "if key not in cache:"}, {12, "cache[key] = load(key)"}};
  for (const char* type : {"dict", "defaultdict", "OrderedDict", "Counter"}) {
    EXPECT_TRUE(has(advice_of(test_of(type), lines), "`cache.setdefault(key, value)`"));
  }
}

TEST(Advice, ForAListIsNoMethodThatAListDoesNotHave) {
  const Lines lines{{11, "if item not in cache:"}, {12, "cache.append(item)"}};
  for (const char* type : {"list", "deque", "array"}) {
    const std::string advice = advice_of(test_of(type), lines);
    EXPECT_FALSE(has(advice, "cache.setdefault"));
    EXPECT_TRUE(has(advice, "keep the items in a `dict`"));
  }
}

TEST(Advice, ForSomethingThatHoldsSoManyIsASemaphore) {
  EXPECT_TRUE(
      has(advice_of(test_of("list"), {{11, "if len(cache) == 16:"}, {12, "cache.append(x)"}}),
          "`threading.Semaphore`"));
}

TEST(Advice, ForASetIsToAddAndNotToAskItsLength) {
  const std::string advice =
      advice_of(test_of("set"), {{11, "if item not in cache:"}, {12, "cache.add(item)"}});

  EXPECT_TRUE(has(advice, "just add"));
  EXPECT_FALSE(has(advice, "cache.setdefault"));
  EXPECT_FALSE(has(advice, "len()"));  // others add in between
}

TEST(Advice, ForRemovingIsAMethodThatTheContainerHas) {
  const Lines deleting{{11, "if key in cache:"}, {12, "del cache[key]"}};
  const Lines removing{{11, "if item in cache:"}, {12, "cache.remove(item)"}};

  EXPECT_TRUE(has(advice_of(test_of("dict"), deleting), "`cache.pop(key, None)`"));
  EXPECT_TRUE(has(advice_of(test_of("set"), removing), "`cache.discard(item)`"));
  for (const char* type : {"list", "deque"}) {
    const std::string advice = advice_of(test_of(type), removing);
    EXPECT_TRUE(has(advice, "remove without asking first, and catch the error"));
    EXPECT_FALSE(has(advice, "cache."));
  }
}

TEST(Advice, ForTakingIsToCatchTheError) {
  for (const char* line : {"return cache.pop()", "return cache.popleft()", "cache.popitem()"}) {
    EXPECT_TRUE(has(advice_of(test_of("deque"), {{11, "if cache:"}, {12, line}}),
                    "take without asking first, and catch the `IndexError` or `KeyError`"));
  }
}

TEST(Advice, ForWhatIsMadeOnceIsToMakeItBefore) {
  const std::string advice = advice_of(
      test_of("", "pool"), {{11, "if pool is None:"}, {12, "pool = ThreadPoolExecutor()"}});

  EXPECT_TRUE(has(advice, "made before the threads start"));
  EXPECT_FALSE(has(advice, "setdefault"));
}

TEST(Advice, DoesNotTakeTheEndOfANameForADeletion) {
  EXPECT_TRUE(
      has(advice_of(test_of("", "model"), {{11, "if model is None:"}, {12, "model = load()"}}),
          "made before the threads start"));
}

TEST(Advice, ForAnIterationIsACopyInOneStepWhereThereIsOne) {
  for (const char* type : {"list", "dict", "set"}) {
    EXPECT_TRUE(has(advice_of(iteration_over(type)), "`list(guests)` is one step"));
  }
  EXPECT_TRUE(has(advice_of(iteration_over("deque")), "`guests.copy()` is one step"));
  for (const char* type : {"OrderedDict", "defaultdict", ""}) {
    const std::string advice = advice_of(iteration_over(type));
    EXPECT_TRUE(has(advice, "copy it under the lock"));
    EXPECT_FALSE(has(advice, "one step"));
  }
}

TEST(Advice, ForARaceIsToHandOverOrNotToShare) {
  Finding both_write = data_race();
  both_write.accesses[0].op = "write";

  EXPECT_TRUE(has(advice_of(data_race()), "published last"));
  EXPECT_TRUE(has(advice_of(both_write), "`threading.local()`"));
}

TEST(Advice, UsesTheNameOfTheVariableWhereNoExpressionIsKnown) {
  EXPECT_TRUE(has(advice_of(with_text(iteration_over("list"), "")), "`list(bank.balance)`"));
}

TEST(Advice, SortsLocksThatTheSameLinesTakeInBothOrders) {
  Finding finding = lock_order();
  for (Access& access : finding.accesses) access.line = 21;
  Sources sources = bank_with({});

  EXPECT_TRUE(has(advice_for(finding, sources), "sort the two first"));
}

TEST(Advice, DoesNotCopyAGenerator) {
  Finding finding = finding_of("iterate_mutate", {access_at(5, "read_write", "call-1"),
                                                  access_at(5, "read_write", "call-2")});
  finding.container = "generator";
  Sources sources = bank_with({});

  EXPECT_TRUE(has(advice_for(finding, sources), "an iterator of its own"));
  EXPECT_FALSE(has(advice_for(finding, sources), "copy"));
}

}  // namespace
}  // namespace atonce::check
