#include "check/report.h"

#include <gtest/gtest.h>

#include <set>

#include "check/findings.h"
#include "check/parsed.h"
#include "check/source.h"

namespace atonce::check {
namespace {

const NamePair kPayPay{"pay", "pay"};
const NamePair kPayRead{"pay", "read"};

Found found_of(Finding finding, std::set<NamePair> pairs = {kPayPay}) {
  return {.finding = std::move(finding), .runs = 2, .pairs = std::move(pairs)};
}

Report filled(std::vector<Found> found, const std::map<int, std::string>& lines = {}) {
  Report report;
  Sources sources = bank_with(lines);
  fill_findings(report, std::move(found), sources);
  return report;
}

Report with_finding(Level level) { return filled({found_of(with_level(data_race(), level))}); }

TEST(Verdict, HasAName) {
  EXPECT_EQ(name_of(Verdict::clean), "clean");
  EXPECT_EQ(name_of(Verdict::findings), "findings");
  EXPECT_EQ(name_of(Verdict::inconclusive), "inconclusive");
}

TEST(Verdict, IsCleanWhereEverythingWasTestedAndNothingFound) {
  EXPECT_EQ(judge({}, true), Verdict::clean);
}

TEST(Verdict, IsInconclusiveWhereNothingWasTested) {
  EXPECT_EQ(judge({}, false), Verdict::inconclusive);
}

TEST(Verdict, IsFindingsOnlyForErrors) {
  EXPECT_EQ(judge(with_finding(Level::error), true), Verdict::findings);
  EXPECT_EQ(judge(with_finding(Level::warning), true), Verdict::clean);
  EXPECT_EQ(judge(with_finding(Level::note), true), Verdict::clean);
}

TEST(Verdict, IsFindingsWhateverElseCouldNotBeTested) {
  Report report = with_finding(Level::error);
  report.failures.push_back({.what = "did not end within 5 s"});
  report.not_overlapped.push_back(kPayRead);
  report.not_tested.push_back({.functions = {"odd"}, .why = "no arguments"});

  EXPECT_EQ(judge(report, false), Verdict::findings);
}

TEST(Verdict, IsInconclusiveForEachThingThatWasNotTested) {
  Report failed;
  failed.failures.push_back({.what = "did not end within 5 s"});
  Report apart;
  apart.not_overlapped.push_back(kPayRead);
  Report wanting;
  wanting.not_tested.push_back({.functions = {"odd"}, .why = "no arguments"});

  for (const Report* report : {&failed, &apart, &wanting}) {
    EXPECT_EQ(judge(*report, true), Verdict::inconclusive);
  }
}

TEST(Verdict, IsCleanWhereSomebodyChoseWhatNotToTest) {
  Report report;
  report.not_tested.push_back({.functions = {"drop"}, .why = "destructive", .is_wanted = false});

  EXPECT_EQ(judge(report, true), Verdict::clean);
}

TEST(Verdict, IsCleanWhereEveryErrorIsAllowed) {
  const Report report =
      filled({found_of(lost_update(11, 12))},
             {{12, "balance = old + 1  # atonce: allow(lost_update) only shown"}});

  EXPECT_FALSE(has_errors(report));
  EXPECT_EQ(judge(report, true), Verdict::clean);
}

TEST(Report, TellsOfAFindingItsFunctionsRunsOrderAndAdvice) {
  const Report report = filled({found_of(lost_update(), {kPayPay, kPayRead})});

  ASSERT_EQ(report.findings.size(), 1U);
  const ReportedFinding& reported = report.findings[0];
  EXPECT_EQ(reported.finding.kind, "lost_update");
  EXPECT_EQ(reported.functions, (std::vector<std::string>{"pay", "read"}));
  EXPECT_EQ(reported.pairs, (std::vector<NamePair>{kPayPay, kPayRead}));
  EXPECT_EQ(reported.runs, 2U);
  EXPECT_TRUE(has(reported.order, "the write at bank.py:12"));
  EXPECT_TRUE(has(reported.advice, "hold one lock"));
}

TEST(Report, HasThePairsOfErrorsAsUnsafeEachOnce) {
  const Report report = filled(
      {found_of(lost_update(), {kPayRead, kPayPay}), found_of(check_then_act(21, 22), {kPayRead})});

  EXPECT_EQ(report.unsafe_pairs, (std::vector<NamePair>{kPayPay, kPayRead}));
}

TEST(Report, CallsNoPairUnsafeForAWarningOrWhatIsAllowed) {
  const Report report =
      filled({found_of(with_level(data_race(21, 22), Level::warning)), found_of(lost_update())},
             {{11, "old = balance  # atonce: allow(lost_update) only shown"}});

  EXPECT_TRUE(report.unsafe_pairs.empty());
}

TEST(Report, SetsAsideWhatACommentOnOneOfTheLinesAllows) {
  for (const int line : {11, 12}) {
    const Report report = filled({found_of(lost_update(11, 12))},
                                 {{line, "x = 1  # atonce: allow(lost_update) only shown"}});

    EXPECT_TRUE(report.findings.empty());
    ASSERT_EQ(report.suppressed.size(), 1U);
    EXPECT_EQ(report.suppressed[0].place, (Place{std::string(kBank), line}));
    EXPECT_EQ(report.suppressed[0].reason, "only shown");
    EXPECT_EQ(report.suppressed[0].reported.finding.kind, "lost_update");
    EXPECT_TRUE(report.notes.empty());
  }
}

TEST(Report, AllowsOneOfSeveralKinds) {
  const Report report =
      filled({found_of(lost_update(11, 12)), found_of(check_then_act(11, 12))},
             {{12, "x = 1  # atonce: allow(data_race, check_then_act) only shown"}});

  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].finding.kind, "lost_update");
  ASSERT_EQ(report.suppressed.size(), 1U);
  EXPECT_EQ(report.suppressed[0].reported.finding.kind, "check_then_act");
}

TEST(Report, AllowsNothingByACommentOnAnotherLine) {
  const Report report = filled({found_of(lost_update(11, 12))},
                               {{13, "x = 1  # atonce: allow(lost_update) only shown"}});

  EXPECT_EQ(report.findings.size(), 1U);
  EXPECT_TRUE(report.suppressed.empty());
}

TEST(Report, AllowsNothingWithoutAReasonAndSaysSoOnce) {
  const Report report = filled({found_of(lost_update(11, 12)), found_of(lost_update(10, 12))},
                               {{12, "x = 1  # atonce: allow(lost_update)"}});

  EXPECT_EQ(report.findings.size(), 2U);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_TRUE(has(report.notes[0], "bank.py:12 allows lost_update without a reason"));
}

TEST(Report, SaysThatAKindThatACommentAllowsIsNone) {
  const Report report = filled({found_of(lost_update(11, 12))},
                               {{12, "x = 1  # atonce: allow(lost_updates) one writer"}});

  EXPECT_EQ(report.findings.size(), 1U);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_TRUE(has(report.notes[0], "bank.py:12 allows `lost_updates`, which is no kind"));
}

TEST(Report, KeepsTheOrderInWhichFindingsAreGiven) {
  const Report report = filled({found_of(lost_update(90, 91)), found_of(data_race(1, 2))});

  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].finding.kind, "lost_update");
}

}  // namespace
}  // namespace atonce::check
