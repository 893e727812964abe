// The check of a program over a host that is made up: what it is asked to run, and what is said of
// what it answers. The real processes are tested from outside (tests/e2e).

#include "check/script_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "check/findings.h"
#include "check/parsed.h"
#include "check/told_progress.h"
#include "engine/fakes.h"

namespace atonce::check {
namespace {

using namespace std::chrono_literals;

ScriptRun ended(std::vector<Finding> findings = {}, ScriptFacts facts = {.most_threads = 2}) {
  return {.findings = std::move(findings), .facts = std::move(facts)};
}

ScriptRun crashed(std::vector<Finding> findings = {}) {
  return {.findings = std::move(findings), .how = "was ended by SIGSEGV"};
}

ScriptRun hung(std::vector<Finding> findings = {}) {
  return {.findings = std::move(findings), .is_timed_out = true};
}

// Answers the runs in their order, and all others as the last one.
class ScriptedHost final : public ScriptHost {
 public:
  explicit ScriptedHost(engine::FakeClock& clock) : clock_(clock) {}

  [[nodiscard]] Result<ScriptRun> run(const ScriptOrder& order, Duration limit) override {
    const Result<ScriptRun>& answer = answers[std::min(orders.size(), answers.size() - 1)];
    orders.push_back(order);
    limits.push_back(limit);
    clock_.advance(answer && answer->is_timed_out ? limit : takes);
    return answer;
  }

  std::vector<Result<ScriptRun>> answers{ended()};
  Duration takes = 100ms;
  std::vector<ScriptOrder> orders;
  std::vector<Duration> limits;

 private:
  engine::FakeClock& clock_;
};

struct Fixture {
  engine::FakeClock clock;
  ScriptedHost host{clock};
  ToldProgress progress;
  ScriptRequest request{.subject = "--script crawl.py"};

  [[nodiscard]] Result<Report> try_check() {
    Sources sources = bank_with({});
    return check_script(request, host, clock, sources, progress);
  }
  [[nodiscard]] Report check() {
    auto report = try_check();
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report ? *std::move(report) : Report{};
  }
};

std::vector<Wait> waits_at(std::initializer_list<int> lines) {
  std::vector<Wait> waits;
  for (const int line : lines) waits.push_back({{std::string(kBank), line}});
  return waits;
}

TEST(ScriptCheck, NotesWhatEndedThreadsEachOnce) {
  Fixture fixture;
  fixture.host.answers = {ended({}, {.most_threads = 2, .raised = {"ValueError: no"}})};

  EXPECT_EQ(fixture.check().notes,
            (std::vector<std::string>{"a thread ended with ValueError: no"}));
}

TEST(ScriptCheck, RunsTheProgramAFewTimesEachWithAnotherSeed) {
  Fixture fixture;

  const Report report = fixture.check();

  std::set<std::uint64_t> seeds;
  for (const ScriptOrder& order : fixture.host.orders) {
    seeds.insert(order.seed);
    EXPECT_TRUE(order.delays.empty());
  }
  EXPECT_EQ(report.runs, 6U);
  EXPECT_EQ(seeds.size(), 6U);
  EXPECT_EQ(report.verdict, Verdict::clean);
  EXPECT_EQ(report.subject, "--script crawl.py");
  EXPECT_EQ(report.pairs, 0U);
  EXPECT_NEAR(report.seconds, 0.6, 1e-9);
}

TEST(ScriptCheck, PerturbsMostRunsAndTheFirst) {
  Fixture fixture;
  static_cast<void>(fixture.check());

  const auto& orders = fixture.host.orders;
  EXPECT_TRUE(orders.front().perturbs);
  EXPECT_EQ(std::ranges::count(orders, false, &ScriptOrder::perturbs), 1);
}

TEST(ScriptCheck, StartsNoRunThatWouldNotEndWithinTheBudget) {
  Fixture fixture;
  fixture.request.budget = 15s;
  fixture.host.takes = 4s;

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 3U);
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ScriptCheck, GivesTheFirstRunItsLimitAndTheOthersWhatIsLeft) {
  Fixture fixture;
  fixture.request.budget = 15s;
  fixture.request.limit = 60s;
  fixture.host.takes = 5s;

  static_cast<void>(fixture.check());

  EXPECT_EQ(fixture.host.limits, (std::vector<Duration>{60s, 10s, 5s}));
}

TEST(ScriptCheck, RunsAtLeastOnce) {
  Fixture fixture;
  fixture.request.budget = 1s;
  fixture.host.takes = 10s;

  EXPECT_EQ(fixture.check().runs, 1U);
}

TEST(ScriptCheck, TellsWhatItFound) {
  Fixture fixture;
  fixture.host.answers = {ended({with_calls(lost_update(), "", "")})};

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::findings);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].runs, 6U);
  EXPECT_TRUE(report.findings[0].functions.empty());
  EXPECT_TRUE(report.unsafe_pairs.empty());
}

TEST(ScriptCheck, RunsAgainWithWaitsWhereSomethingIsSuspicious) {
  Fixture fixture;
  fixture.request.most_runs = 1;
  fixture.host.answers = {ended({as_potential(lost_update(11, 12))}), ended()};

  const Report report = fixture.check();

  ASSERT_GT(report.runs, 1U);
  EXPECT_TRUE(fixture.host.orders[0].delays.empty());
  for (std::size_t run = 1; run < report.runs; ++run) {
    EXPECT_EQ(fixture.host.orders[run].delays, waits_at({11, 12}));
  }
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ScriptCheck, TellsWhatARunWithWaitsHasSeenToHappen) {
  Fixture fixture;
  fixture.host.answers = {ended({as_guess(check_then_act(11, 12))}),
                          ended({check_then_act(11, 12)}), ended()};

  const Report report = fixture.check();

  EXPECT_EQ(fixture.host.orders[1].delays, waits_at({11}));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_FALSE(report.findings[0].finding.is_guess);
  EXPECT_EQ(report.verdict, Verdict::findings);
}

TEST(ScriptCheck, DoesNotLookAgainWhenTheTimeIsOver) {
  Fixture fixture;
  fixture.request.budget = 15s;
  fixture.host.takes = 8s;
  fixture.host.answers = {ended({as_potential(lost_update())})};

  EXPECT_EQ(fixture.check().runs, 1U);
}

TEST(ScriptCheck, IsInconclusiveWhereNoTwoThreadsEverRan) {
  Fixture fixture;
  fixture.host.answers = {ended({}, {.most_threads = 1})};

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  ASSERT_EQ(report.not_tested.size(), 1U);
  EXPECT_EQ(report.not_tested[0].functions, std::vector<std::string>{"--script crawl.py"});
  EXPECT_TRUE(has(report.not_tested[0].why, "two threads at the same time"));
}

TEST(ScriptCheck, IsContentWhenTwoThreadsRanInSomeRun) {
  Fixture fixture;
  fixture.host.answers = {ended({}, {.most_threads = 1}), ended(), ended({}, {.most_threads = 1})};

  EXPECT_EQ(fixture.check().verdict, Verdict::clean);
}

TEST(ScriptCheck, IsInconclusiveWhenTheFirstRunDoesNotEnd) {
  Fixture fixture;
  fixture.request.limit = 7s;
  fixture.host.answers = {hung()};

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 1U);
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  EXPECT_EQ(report.failures, (std::vector<Failure>{{.what = "run 1: did not end within 7 s"}}));
  EXPECT_TRUE(report.not_tested.empty());
}

TEST(ScriptCheck, IsInconclusiveWhenARunCrashes) {
  Fixture fixture;
  fixture.host.answers = {ended(), crashed()};

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 2U);
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  EXPECT_EQ(report.failures, (std::vector<Failure>{{.what = "run 2: was ended by SIGSEGV"}}));
}

TEST(ScriptCheck, TellsWhatWasFoundBeforeARunFailed) {
  for (const auto& failed : {hung({lost_update()}), crashed({lost_update()})}) {
    Fixture fixture;
    fixture.host.answers = {failed};

    const Report report = fixture.check();

    EXPECT_EQ(report.verdict, Verdict::findings);
    EXPECT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.failures.size(), 1U);
  }
}

TEST(ScriptCheck, CallsALaterRunThatTheBudgetCutsShortNoFailure) {
  Fixture fixture;
  fixture.host.answers = {ended(), hung()};

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 2U);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ScriptCheck, RefusesAProgramThatCannotBeStarted) {
  Fixture fixture;
  fixture.host.answers = {ended({}, {.error = "there is no file crawl.py"})};

  const auto report = fixture.try_check();

  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error(), (Error{ErrorCode::bad_input, "there is no file crawl.py"}));
}

TEST(ScriptCheck, PassesOnThatThereIsNoProcess) {
  Fixture fixture;
  fixture.host.answers = {failure(ErrorCode::unavailable, "no more processes")};

  const auto report = fixture.try_check();

  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::unavailable);
}

TEST(ScriptCheck, NotesTheFirstExitCodeThatIsNotZero) {
  Fixture fixture;
  fixture.host.answers = {ended(), ended({}, {.most_threads = 2, .exit_code = 3}),
                          ended({}, {.most_threads = 2, .exit_code = 4})};

  const Report report = fixture.check();

  EXPECT_EQ(report.notes, std::vector<std::string>{"run 2 ended with exit code 3"});
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ScriptCheck, HasTestedTestsThatFail) {
  Fixture fixture;
  fixture.request.is_pytest = true;
  fixture.host.answers = {ended({}, {.most_threads = 2, .exit_code = 1})};

  const Report report = fixture.check();

  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_TRUE(has(report.notes[0], "tests failed"));
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ScriptCheck, IsInconclusiveWherePytestDidNotRunTheTests) {
  Fixture fixture;
  fixture.request.is_pytest = true;
  fixture.host.answers = {ended({}, {.most_threads = 2, .exit_code = 5})};

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_TRUE(has(report.failures[0].what, "exit code 5"));
}

TEST(ScriptCheck, TellsWhichModulesTurnedTheGilOnUnlessToldNotToMind) {
  for (const bool minds : {true, false}) {
    Fixture fixture;
    fixture.request.minds_gil = minds;
    fixture.host.answers = {ended({}, {.most_threads = 2, .gil_enablers = {"old"}})};

    const Report report = fixture.check();

    EXPECT_EQ(report.verdict, minds ? Verdict::findings : Verdict::clean);
    EXPECT_EQ(report.findings.size(), minds ? 1U : 0U);
  }
}

TEST(ScriptCheck, SaysWhichCompiledModulesItDoesNotSeeInto) {
  Fixture fixture;
  fixture.host.answers = {ended({}, {.most_threads = 2, .extensions = {"numpy"}}),
                          ended({}, {.most_threads = 2, .extensions = {"lxml", "numpy"}})};

  const Report report = fixture.check();

  ASSERT_EQ(report.what_cannot_be_seen.size(), 2U);
  EXPECT_TRUE(has(report.what_cannot_be_seen[0], "`lxml`"));
}

TEST(ScriptCheck, TellsHowFarItIs) {
  Fixture fixture;
  fixture.request.budget = 10s;
  fixture.host.takes = 1s;
  fixture.host.answers = {ended({lost_update()})};

  static_cast<void>(fixture.check());

  const auto& steps = fixture.progress.steps;
  ASSERT_EQ(steps.size(), 6U);
  EXPECT_EQ(steps[0].share, 0);
  EXPECT_EQ(steps[0].findings, 0U);
  EXPECT_NEAR(steps[5].share, 0.5, 1e-9);
  EXPECT_EQ(steps[5].findings, 1U);
}

// ---- what the program's process tells

TEST(ScriptRun, IsReadFromLinesOfFindingsAndAnEnd) {
  const ScriptRun run = read_script_run(
      json_of("data_race") + "\n" + json_of("lost_update") + "\n" +
      R"({"end":{"most_threads":4,"exit_code":3,"gil_enablers":["old"],"extensions":["numpy"]}})" +
      "\n");

  ASSERT_EQ(run.findings.size(), 2U);
  EXPECT_EQ(run.findings[1].kind, "lost_update");
  ASSERT_TRUE(run.facts.has_value());
  EXPECT_EQ(run.facts->most_threads, 4U);
  EXPECT_EQ(run.facts->exit_code, 3);
  EXPECT_EQ(run.facts->gil_enablers, std::vector<std::string>{"old"});
  EXPECT_EQ(run.facts->extensions, std::vector<std::string>{"numpy"});
  EXPECT_EQ(run.facts->error, "");
}

TEST(ScriptRun, SaysWhyItCouldNotBegin) {
  const ScriptRun run = read_script_run("{\"end\":{\"error\":\"no such file\"}}\n");

  ASSERT_TRUE(run.facts.has_value());
  EXPECT_EQ(run.facts->error, "no such file");
}

TEST(ScriptRun, HasNoFactsWhereTheEndIsMissingOrCutOff) {
  EXPECT_FALSE(read_script_run("").facts.has_value());
  EXPECT_FALSE(read_script_run(json_of("data_race") + "\n").facts.has_value());
  EXPECT_FALSE(read_script_run("{\"end\":{\"most_threads\":4}}").facts.has_value());
}

TEST(ScriptRun, LeavesOutLinesThatSayNothing) {
  const ScriptRun run = read_script_run("\nno\n[]\n7\n{}\n" + json_of("data_race") + "\n{\"kin");

  EXPECT_EQ(run.findings.size(), 1U);
  EXPECT_FALSE(run.facts.has_value());
}

}  // namespace
}  // namespace atonce::check
