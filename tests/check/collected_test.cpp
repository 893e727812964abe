// What becomes of the findings of many runs: which are one, which are told, and what is tried to
// settle the others.

#include "check/collected.h"

#include <gtest/gtest.h>

#include "check/findings.h"

namespace atonce::check {
namespace {

const NamePair kPayPay{"pay", "pay"};
const NamePair kPayRead{"pay", "read"};

using Looks = std::vector<std::vector<Wait>>;

Wait wait_at(int line, std::string element = {}) {
  return {{std::string(kBank), line}, std::move(element)};
}

std::vector<std::string> kinds_of(const std::vector<Found>& found) {
  std::vector<std::string> kinds;
  for (const Found& each : found) kinds.push_back(each.finding.kind);
  return kinds;
}

using Kinds = std::vector<std::string>;

TEST(Collected, CountsTheRunsInWhichAFindingWasSeen) {
  Collected collected;
  collected.add({lost_update()}, kPayPay);
  collected.add({}, kPayPay);
  collected.add({lost_update()}, kPayPay);

  const std::vector<Found> found = collected.settled();

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].runs, 2U);
}

TEST(Collected, CountsEqualFindingsOfOneRunOnce) {
  Collected collected;
  collected.add({lost_update(), lost_update(), lost_update()}, kPayPay);

  const std::vector<Found> found = collected.settled();

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].runs, 1U);
}

TEST(Collected, TellsFindingsApartByKindVariableAndLines) {
  Collected collected;
  collected.add({lost_update(), check_then_act(), with_variable(lost_update(), "bank.total"),
                 lost_update(11, 13)},
                kPayPay);

  EXPECT_EQ(collected.settled().size(), 4U);
}

TEST(Collected, TellsTheGraverOfTwoThatDifferInTheirLevelOnly) {
  Collected collected;
  collected.add({with_level(data_race(), Level::warning)}, kPayPay);
  collected.add({data_race()}, kPayPay);

  const std::vector<Found> found = collected.settled();

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].finding.level, Level::error);
  EXPECT_EQ(found[0].runs, 1U);
}

TEST(Collected, TakesNoNoticeOfWhichThreadDidWhichOfTheTwo) {
  Collected collected;
  Finding turned = data_race();
  std::swap(turned.accesses[0], turned.accesses[1]);
  collected.add({data_race()}, kPayPay);
  collected.add({turned}, kPayPay);

  EXPECT_EQ(collected.settled().size(), 1U);
}

TEST(Collected, TakesAnAttributeOfABaseClassAndOfADerivedOneForTheSame) {
  Finding inside = with_text(with_variable(data_race(), "Base.state"), "self.state");
  Finding outside = with_variable(inside, "Derived.state");
  outside.accesses[0].text = "job.state";
  Collected collected;
  collected.add({inside, outside}, kPayPay);

  EXPECT_EQ(collected.settled().size(), 1U);
}

TEST(Collected, KeepsAttributesOfTwoClassesApartThatOnlyHaveTheSameName) {
  const Finding one = with_text(with_variable(data_race(), "Account.state"), "self.state");
  const Finding other = with_variable(one, "Order.state");
  Collected collected;
  collected.add({one, other}, kPayPay);

  EXPECT_EQ(collected.settled().size(), 2U);
}

TEST(Collected, TellsWhatIsPotentialOnlyWhenItWasSeenToHappen) {
  Collected collected;
  collected.add({as_potential(lost_update())}, kPayPay);
  EXPECT_TRUE(collected.settled().empty());
  EXPECT_FALSE(collected.has_errors());

  collected.add({lost_update()}, kPayPay);

  const std::vector<Found> found = collected.settled();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].finding.is_potential);
  EXPECT_TRUE(collected.has_errors());
}

TEST(Collected, TellsAGuessUntilSomethingOfItsVariableWasSeen) {
  Collected collected;
  collected.add({as_guess(check_then_act(11, 12))}, kPayPay);
  ASSERT_EQ(collected.settled().size(), 1U);
  EXPECT_TRUE(collected.settled()[0].finding.is_guess);

  collected.add({lost_update(41, 42)}, kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), Kinds{"lost_update"});
}

TEST(Collected, KeepsAGuessBesideWhatIsSeenOfOtherVariables) {
  Collected collected;
  collected.add(
      {as_guess(check_then_act(11, 12)), with_variable(lost_update(41, 42), "bank.total")},
      kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), (Kinds{"check_then_act", "lost_update"}));
}

TEST(Collected, KeepsAGuessBesideANote) {
  Collected collected;
  collected.add({as_guess(check_then_act(11, 12)), with_level(data_race(41, 42), Level::note)},
                kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), (Kinds{"check_then_act", "data_race"}));
}

TEST(Collected, DoesNotTellTheRaceThatALostUpdateIsMadeOf) {
  Collected collected;
  collected.add({data_race(11, 12), lost_update(11, 12)}, kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), Kinds{"lost_update"});
}

TEST(Collected, TellsARaceOfTheSameVariableAtOtherLines) {
  Collected collected;
  collected.add({data_race(41, 42), lost_update(11, 12)}, kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), (Kinds{"lost_update", "data_race"}));
}

TEST(Collected, DoesNotTellANoteOfALineThatHasAnError) {
  Collected collected;
  collected.add({with_level(data_race(12, 13), Level::note), lost_update(11, 12)}, kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()), Kinds{"lost_update"});
}

TEST(Collected, CountsThePairsOfAnErrorThatIsNotToldForTheOneThatIs) {
  Collected collected;
  collected.add({with_calls(data_race(11, 12), "read", "pay")}, kPayRead);
  collected.add({lost_update(11, 12)}, kPayPay);

  const std::vector<Found> found = collected.settled();

  ASSERT_EQ(kinds_of(found), Kinds{"lost_update"});
  EXPECT_EQ(found[0].pairs, (std::set{kPayPay, kPayRead}));
  EXPECT_EQ(found[0].functions(), (std::vector<std::string>{"pay", "read"}));
}

TEST(Collected, DoesNotCallAPairUnsafeForANoteThatIsNotTold) {
  Collected collected;
  collected.add({with_level(with_calls(data_race(11, 12), "read", "pay"), Level::note)}, kPayRead);
  collected.add({lost_update(11, 12)}, kPayPay);

  EXPECT_EQ(collected.settled()[0].pairs, std::set{kPayPay});
}

TEST(Collected, KnowsThePairFromTheCallsOfTheAccesses) {
  Collected collected;
  collected.add({with_calls(data_race(), "save", "load")}, NamePair{"pay", "save"});

  EXPECT_EQ(collected.settled()[0].pairs, (std::set{NamePair{"load", "save"}}));
}

TEST(Collected, CountsAThreadThatAToolStartedForTheCallOfTheOtherSide) {
  Collected collected;
  collected.add({with_calls(data_race(), "save", "")}, kPayRead);

  EXPECT_EQ(collected.settled()[0].pairs, (std::set{NamePair{"save", "save"}}));
}

TEST(Collected, TakesThePairThatRanWhereNoAccessNamesACall) {
  Collected collected;
  collected.add({with_calls(data_race(), "", "")}, kPayRead);

  EXPECT_EQ(collected.settled()[0].pairs, std::set{kPayRead});
}

TEST(Collected, HasNoPairsForAScript) {
  Collected collected;
  collected.add({with_calls(data_race(), "", "")}, std::nullopt);

  EXPECT_TRUE(collected.settled()[0].pairs.empty());
  EXPECT_TRUE(collected.settled()[0].functions().empty());
}

TEST(Collected, LooksAgainAtEveryLineOfWhatIsPotential) {
  Collected collected;

  const Looks looks = collected.add({as_potential(lost_update(11, 12))}, kPayPay);

  ASSERT_FALSE(looks.empty());
  for (const auto& look : looks) EXPECT_EQ(look, (std::vector{wait_at(11), wait_at(12)}));
}

TEST(Collected, LooksAgainAtTheTestsOfAGuessOnly) {
  Collected collected;

  const Looks looks = collected.add({as_guess(check_then_act(11, 12))}, kPayPay);

  ASSERT_FALSE(looks.empty());
  for (const auto& look : looks) EXPECT_EQ(look, std::vector{wait_at(11)});
}

TEST(Collected, LooksAtTheElementThatWasSeenAndAtAnyElement) {
  Finding guess = as_guess(check_then_act(11, 12));
  guess.element = "'eur'";
  Collected collected;

  const Looks looks = collected.add({guess}, kPayPay);

  const std::set<std::vector<Wait>> different(looks.begin(), looks.end());
  EXPECT_EQ(different, (std::set<std::vector<Wait>>{{wait_at(11, "'eur'")}, {wait_at(11)}}));
}

TEST(Collected, LooksAgainAtASuspicionOnlyWhenItIsNew) {
  Collected collected;
  EXPECT_FALSE(collected.add({as_guess(check_then_act())}, kPayPay).empty());

  EXPECT_TRUE(collected.add({as_guess(check_then_act())}, kPayPay).empty());
  EXPECT_TRUE(collected.add({lost_update()}, kPayPay).empty());
}

TEST(Collected, TellsErrorsFirstAndThenInTheOrderOfLines) {
  Finding first = lost_update(90, 91);
  first.accesses[0].file = first.accesses[1].file = first.accesses[2].file = "/home/ada/a.py";
  Collected collected;
  collected.add({with_level(data_race(1, 2), Level::note), check_then_act(20, 21),
                 iterate_mutate(10, 12), first, with_level(data_race(5, 6), Level::warning)},
                kPayPay);

  EXPECT_EQ(kinds_of(collected.settled()),
            (Kinds{"lost_update", "iterate_mutate", "check_then_act", "data_race", "data_race"}));
  EXPECT_EQ(collected.settled()[3].finding.level, Level::warning);
}

TEST(Collected, HasErrorsWhereAnErrorIsTold) {
  Collected collected;
  EXPECT_FALSE(collected.has_errors());
  collected.add({with_level(data_race(1, 2), Level::warning)}, kPayPay);
  EXPECT_FALSE(collected.has_errors());

  collected.add({lost_update()}, kPayPay);

  EXPECT_TRUE(collected.has_errors());
}

TEST(Collected, NamesAPairInTheOrderOfTheNames) {
  EXPECT_EQ(pair_of("b", "a"), (NamePair{"a", "b"}));
  EXPECT_EQ(pair_of("a", "b"), (NamePair{"a", "b"}));
}

TEST(Collected, TellsACycleOfLocksOnceWhereverItBegins) {
  Collected collected;
  Finding turned = lock_order();
  turned.variable = "b -> a";
  std::swap(turned.accesses[0], turned.accesses[1]);
  static_cast<void>(collected.add({lock_order()}, std::nullopt));
  static_cast<void>(collected.add({turned}, std::nullopt));

  ASSERT_EQ(collected.settled().size(), 1U);
  EXPECT_EQ(collected.settled()[0].runs, 2U);
}

}  // namespace
}  // namespace atonce::check
