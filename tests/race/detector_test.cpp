#include "race/detector.h"

#include <gtest/gtest.h>

#include "race/program.h"

namespace atonce::race {
namespace {

using testing::Program;

// Two threads that know nothing of each other.
class Detector : public ::testing::Test {
 protected:
  Program program;
  Thread& main = program.start();
  Thread& first = program.start(&main);
  Thread& second = program.start(&main);
};

TEST_F(Detector, FindsAnUpdateThatGetsLost) {
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  program.write(first, add);
  program.write(second, add);

  EXPECT_EQ(program.found.told(), "error lost_update");
}

TEST_F(Detector, FindsAnUpdateInTwoStatements) {
  const SiteId read = program.read_site(kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(read, write, true);
  program.read(first, read);
  program.read(second, read);
  program.write(first, write);
  program.write(second, write);

  EXPECT_EQ(program.found.told(), "error data_race, error lost_update");
  EXPECT_EQ(program.found.races.back().sides.size(), 3U);
}

TEST_F(Detector, ALockAroundTheUpdateIsEnough) {
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  for (Thread* thread : {&first, &second}) {
    program.take(*thread, Program::kLock);
    program.write(*thread, add);
    program.give(*thread, Program::kLock);
  }
  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, ALockThatOnlyOneSideTakesIsNot) {
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  program.take(first, Program::kLock);
  program.write(first, add);
  program.give(first, Program::kLock);
  program.write(second, add);

  EXPECT_EQ(program.found.told(), "error lost_update");
}

TEST_F(Detector, TheLockOfAnotherObjectIsNot) {
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  program.take(first, Program::kLock);
  program.write(first, add);
  program.give(first, Program::kLock);
  program.take(second, Program::kOtherLock);
  program.write(second, add);
  program.give(second, Program::kOtherLock);

  EXPECT_EQ(program.found.told(), "error lost_update");
}

TEST_F(Detector, ALockGivenBackBetweenReadAndWriteLetsOthersIn) {
  const SiteId read = program.read_site(kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(read, write, true);
  program.take(first, Program::kLock);
  program.read(first, read);
  program.give(first, Program::kLock);
  program.take(second, Program::kLock);
  program.write(second, program.write_site());
  program.give(second, Program::kLock);
  program.take(first, Program::kLock);
  program.write(first, write);
  program.give(first, Program::kLock);

  EXPECT_EQ(program.found.told(), "error check_then_act");
}

TEST_F(Detector, SaysWhatCouldHaveComeInBetween) {
  const SiteId read = program.read_site(kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(read, write, true);
  program.take(second, Program::kLock);
  program.write(second, program.write_site());
  program.give(second, Program::kLock);
  program.take(first, Program::kLock);
  program.read(first, read);
  program.give(first, Program::kLock);
  program.take(first, Program::kLock);
  program.write(first, write);
  program.give(first, Program::kLock);

  EXPECT_EQ(program.found.told(), "error check_then_act (potential)");
}

TEST_F(Detector, AnOuterLockThatIsHeldAllTheWhileKeepsOthersOut) {
  const SiteId read = program.read_site(kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(read, write, true);
  program.take(second, Program::kOtherLock);
  program.write(second, program.write_site());
  program.give(second, Program::kOtherLock);
  program.take(first, Program::kOtherLock);
  program.take(first, Program::kLock);
  program.read(first, read);
  program.give(first, Program::kLock);
  program.write(first, write);
  program.give(first, Program::kOtherLock);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, AnUnorderedReadIsARace) {
  program.write(first, program.write_site());
  program.read(second, program.read_site());

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, SoItIsTheOtherWayRound) {
  program.read(second, program.read_site());
  program.write(first, program.write_site());

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, WhatTheParentWroteBeforeIsInOrder) {
  Thread& third = (program.write(main, program.write_site()), program.start(&main));
  program.read(third, program.read_site());

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, SoIsWhatAThreadWroteThatWasWaitedFor) {
  program.write(first, program.write_site());
  program.join(main, first);
  program.read(main, program.read_site());

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, AFlagIsANote) {
  program.found.was = Stored::boolean;
  program.write(first, program.write_site(), Stored::boolean);
  program.read(second, program.read_site(kTest));

  EXPECT_EQ(program.found.told(), "note data_race");
}

TEST_F(Detector, APlaceThatHeldSomethingElseIsNoFlag) {
  program.write(first, program.write_site(), Stored::none);
  program.read(second, program.read_site());

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, AFlagThatIsTestedAndSetByBothIsAnError) {
  program.found.was = Stored::boolean;
  const SiteId test = program.read_site(kTest | kGuard | kPaired);
  const SiteId set = program.write_site();
  program.detector.sites().pair(test, set, true);
  program.read(first, test);
  program.read(second, test);
  program.write(first, set, Stored::boolean);
  program.write(second, set, Stored::boolean);

  EXPECT_EQ(program.found.told(), "error check_then_act (guess), error check_then_act");
}

// Such as entries of a cache, which both put there: none of them is an error, but the test is.
TEST_F(Detector, ATestAfterAPlainWriteOfItsOwnStillMeetsTheOthersWrite) {
  const SiteId put = program.write_site();
  const SiteId test = program.read_site(kTest | kGuard | kPaired);
  const SiteId change = program.write_site();
  program.detector.sites().pair(test, change, true);
  program.write_element(first, put);
  program.write_element(second, put);
  EXPECT_EQ(program.found.told(), "");
  program.read_element(second, test);

  EXPECT_EQ(program.found.told(), "error check_then_act (guess)");
}

TEST_F(Detector, AStepAfterAPlainWriteOfItsOwnStillMeetsTheOthersWrite) {
  program.write_element(first, program.write_site());
  program.write_element(second, program.write_site());
  program.write_element(second, program.site(kReads | kWrites | kAugmented, kChanges));

  EXPECT_EQ(program.found.told(), "error lost_update");
}

TEST_F(Detector, AWriteThatKnowsOfAllBeforeItEndsTheirMatter) {
  const SiteId put = program.write_site();
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  program.write_element(first, put);
  program.write_element(second, put);
  program.join(main, first);
  program.join(main, second);
  program.write_element(main, put);
  program.write_element(main, add);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, ASnapshotThatIsReplacedIsANote) {
  program.found.was = Stored::reference;
  program.write(first, program.write_site(), Stored::reference);
  program.read(second, program.read_site());

  EXPECT_EQ(program.found.told(), "note data_race");
}

TEST_F(Detector, TheFirstTestOfDoubleCheckedLockingIsANote) {
  program.found.was = Stored::none;
  const SiteId outer = program.read_site(kTest | kChecked);
  const SiteId inner = program.read_site(kTest | kGuard | kChecked | kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(inner, write, true);
  program.read(first, outer);
  program.take(first, Program::kLock);
  program.read(first, inner);
  program.write(first, write, Stored::reference);
  program.give(first, Program::kLock);
  program.read(second, outer);

  EXPECT_EQ(program.found.told(), "note data_race");
}

TEST_F(Detector, ATestAloneThatDecidesAboutAWriteIsAGuess) {
  program.found.was = Stored::none;
  const SiteId test = program.read_site(kTest | kGuard | kChecked | kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(test, write, true);
  program.read(first, test);
  program.write(first, write, Stored::reference);
  program.read(second, test);  // saw the finished value

  EXPECT_EQ(program.found.told(), "error check_then_act (guess)");
}

TEST_F(Detector, BothFindingNothingAndPuttingTheSameThereIsAWarning) {
  program.found.was = Stored::none;
  const SiteId test = program.read_site(kTest | kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(test, write, true);
  program.read_element(first, test);
  program.read_element(second, test);
  program.write_element(first, write);
  program.found.same = true;
  program.write_element(second, write);

  EXPECT_EQ(program.found.told(), "warning check_then_act");
}

// Two that take the last ticket both put "sold out" there.
TEST_F(Detector, BothPuttingTheSameInPlaceOfSomethingElseIsAnError) {
  program.found.was = Stored::plain;
  const SiteId test = program.read_site(kTest | kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(test, write, true);
  program.read_element(first, test);
  program.read_element(second, test);
  program.write_element(first, write);
  program.found.same = true;
  program.write_element(second, write);

  EXPECT_EQ(program.found.told(), "error check_then_act");
}

TEST_F(Detector, WhatAPropertyReadsAndWritesIsOnePair) {
  const SiteId statement = program.site(kReads | kWrites | kAugmented);
  const SiteId getter = program.read_site();
  const SiteId setter = program.write_site();
  const auto read = [&](Thread& thread) {
    thread.outer.since = thread.clock();
    thread.outer.reading = statement;
    program.read(thread, getter);
    thread.outer.reading = 0;
    thread.outer.read = statement;
  };
  const auto write = [&](Thread& thread) {
    thread.outer.writing = statement;
    program.write(thread, setter);
    thread.outer.writing = 0;
  };
  read(first);
  read(second);
  write(first);
  program.found.races.clear();  // the second's reading was without an order
  write(second);

  ASSERT_EQ(program.found.told(), "error lost_update");
  EXPECT_EQ(program.found.races[0].sides[1].epoch.site(), statement);
  EXPECT_EQ(program.found.races[0].sides[2].epoch.site(), statement);
}

TEST_F(Detector, AReadForAnotherAttributeIsNoPair) {
  const SiteId one = program.read_site(kPaired);
  const SiteId other = program.write_site();
  first.outer.reading = one;
  program.read(first, program.read_site());
  first.outer = {.read = one};
  second.outer.writing = other;
  first.outer.writing = other;
  program.write(second, program.write_site());
  program.found.races.clear();
  program.write(first, program.write_site());

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, AReferenceHandsOverWhatItLeadsTo) {
  const Address inside = 0x7f00'0000'9000;
  program.write(first, program.write_site(), Stored::plain, inside);
  program.found.was = Stored::reference;
  program.write(first, program.write_site(), Stored::reference);
  program.read(second, program.read_site());
  program.found.races.clear();
  program.read(second, program.read_site(), inside);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, ButNotWhatIsDoneToItLater) {
  const Address inside = 0x7f00'0000'9000;
  program.found.was = Stored::reference;
  program.write(first, program.write_site(), Stored::reference);
  program.read(second, program.read_site());
  program.found.races.clear();
  program.found.was = Stored::plain;
  program.write(first, program.write_site(), Stored::plain, inside);
  program.read(second, program.read_site(), inside);

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, AReferenceDoesNotOrderThePlaceThatItWasIn) {
  program.found.was = Stored::reference;
  program.write(first, program.write_site(), Stored::reference);
  program.read(second, program.read_site());
  program.found.races.clear();
  program.write(second, program.write_site(), Stored::reference);

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, ReadingItTwiceDoesNotOrderItEither) {
  program.found.was = Stored::reference;
  program.write(first, program.write_site(), Stored::reference);
  program.read(second, program.read_site());
  program.read(second, program.read_site());
  program.found.races.clear();
  program.write(second, program.write_site(), Stored::reference);

  EXPECT_EQ(program.found.told(), "error data_race");
}

TEST_F(Detector, ALockThatIsTakenLaterDoes) {
  program.found.was = Stored::reference;
  program.take(first, Program::kLock);
  program.write(first, program.write_site(), Stored::reference);
  program.give(first, Program::kLock);
  program.read(second, program.read_site());
  program.found.races.clear();
  program.take(second, Program::kLock);
  program.read(second, program.read_site());
  program.write(second, program.write_site(), Stored::reference);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, SingleElementsAreNoRace) {
  program.write_element(first, program.write_site());
  program.read_element(second, program.read_site());
  program.write_element(second, program.write_site());

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, IterationBesideGrowthIsOne) {
  program.write_whole(first, program.write_site(0, kGrows), kGrows);
  program.read_whole(second, program.read_site(kIterates));

  EXPECT_EQ(program.found.told(), "error iterate_mutate");
}

TEST_F(Detector, GrowthDoesNotMakeWhatIsThereGoAway) {
  const SiteId test = program.read_site(kTest | kGuard | kPaired);
  const SiteId pop = program.write_site(0, kShrinks);
  program.detector.sites().pair(test, pop, true);
  program.read_whole(first, test);
  program.write_whole(second, program.write_site(0, kGrows), kGrows);
  program.write_whole(first, pop, kShrinks);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, TwoWhoTakeFromWhatTheyFoundNotEmptyRace) {
  const SiteId test = program.read_site(kTest | kGuard | kPaired);
  const SiteId pop = program.write_site(0, kShrinks);
  program.detector.sites().pair(test, pop, true);
  program.read_whole(first, test);
  program.read_whole(second, test);
  program.write_whole(second, pop, kShrinks);
  program.write_whole(first, pop, kShrinks);

  EXPECT_EQ(program.found.told(), "error check_then_act (guess), error check_then_act");
}

TEST_F(Detector, OneStepThatChecksByItselfDependsOnNothing) {
  const SiteId test = program.read_site(kTest | kPaired);
  const SiteId set_default = program.write_site(kAtomicStep);
  program.detector.sites().pair(test, set_default, true);
  program.read_element(first, test);
  program.read_element(second, test);
  program.write_element(first, set_default);
  program.write_element(second, set_default);

  EXPECT_EQ(program.found.told(), "");
}

TEST_F(Detector, AReadOfAnEarlierCallDecidesNothing) {
  struct Frames final : Subject {
    std::vector<Race> races;
    Address frame() override { return 0x1000; }
    void report(const Race& race) override { races.push_back(race); }
  } subject;
  const SiteId read = program.read_site(kPaired);
  const SiteId write = program.write_site();
  program.detector.sites().pair(read, write, true);
  Block& block = program.detector.shadow().of(Program::kObject);
  const Place place{block, block.at(key_of(5)), kChanges, true};
  const auto locked = [&](Thread& thread, auto work) {
    program.take(thread, Program::kLock);
    work();
    program.give(thread, Program::kLock);
  };
  first.enter(0x1000);
  locked(first, [&] { program.detector.read(first, place, read, subject); });
  locked(second, [&] {
    program.detector.write(second, place, program.write_site(), kWrites, Stored::plain, subject);
  });
  first.enter(0x1000);  // the function is called again, and does not read this time
  locked(first,
         [&] { program.detector.write(first, place, write, kWrites, Stored::plain, subject); });
  EXPECT_TRUE(subject.races.empty());
}

TEST_F(Detector, AnObjectThatCameByAnUnseenWayIsTrusted) {
  Block& block = program.detector.shadow().of(Program::kObject);
  const SiteId made = program.write_site(kInit);
  block.set_birth(Epoch::at(first.moment(), made, 0));
  program.write(first, made);
  program.read(second, program.read_site());
  EXPECT_EQ(program.found.told(), "");

  static_cast<void>(first.hand_over());
  program.write(first, program.write_site());  // after it was handed over
  EXPECT_EQ(program.found.told(), "error data_race");
}

}  // namespace
}  // namespace atonce::race
