// The check of tools over a host that is made up: what it is asked to run, and what is said of what
// it answers. The real processes are tested from outside (tests/e2e).

#include "check/tools_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <mutex>
#include <set>
#include <tuple>

#include "check/findings.h"
#include "check/parsed.h"
#include "check/told_progress.h"
#include "engine/fakes.h"

namespace atonce::check {
namespace {

using namespace std::chrono_literals;

using Names = std::vector<std::string>;
using Pairs = std::vector<NamePair>;

ToolFacts tool(std::string name) { return {.name = std::move(name), .arguments = {R"({"n": 1})"}}; }

RunEnd ended(std::vector<Finding> findings = {}) {
  return {.run = Run{.overlapped = 2, .findings = std::move(findings)}};
}

RunEnd never_met() { return {.run = Run{}}; }

RunEnd hung(Journal journal = {}) { return {.is_timed_out = true, .journal = std::move(journal)}; }

RunEnd crashed(Journal journal = {}) {
  return {.how = "was ended by SIGSEGV", .journal = std::move(journal)};
}

struct Ordered {
  NamePair pair;
  RunOrder order;
  Duration limit{};
};

class ScriptedHost final : public ToolsHost {
 public:
  explicit ScriptedHost(engine::FakeClock& clock) : clock_(clock) {}

  [[nodiscard]] Result<ToolsFacts> open(
      const std::map<std::string, std::vector<std::string>>& given_arguments,
      Duration limit) override {
    given = given_arguments;
    open_limit = limit;
    clock_.advance(loading);
    return facts;
  }

  [[nodiscard]] RunEnd run(const RunOrder& order, Duration limit) override {
    Ordered ordered{.pair = {name_of(order, 0), name_of(order, 1)}, .order = order, .limit = limit};
    RunEnd end = answer(ordered);
    clock_.advance(end.is_timed_out ? limit : takes);
    const std::lock_guard lock(mutex_);
    runs.push_back(std::move(ordered));
    return end;
  }

  [[nodiscard]] std::set<NamePair> pairs() const {
    std::set<NamePair> pairs;
    for (const Ordered& each : runs) pairs.insert(each.pair);
    return pairs;
  }

  [[nodiscard]] std::size_t runs_of(const NamePair& pair) const {
    return static_cast<std::size_t>(std::ranges::count(runs, pair, &Ordered::pair));
  }

  // What the tools and their runs are like.
  Result<ToolsFacts> facts = ToolsFacts{.tools = {tool("pay"), tool("read")}};
  std::function<RunEnd(const Ordered&)> answer = [](const Ordered&) { return ended(); };
  Duration loading{};
  Duration takes = 10ms;

  // What was asked.
  std::map<std::string, std::vector<std::string>> given;
  Duration open_limit{};
  std::vector<Ordered> runs;

 private:
  [[nodiscard]] std::string name_of(const RunOrder& order, std::size_t thread) const {
    return facts->tools.at(order.threads.at(thread).tool).name;
  }

  engine::FakeClock& clock_;
  std::mutex mutex_;
};

struct Fixture {
  engine::FakeClock clock;
  ScriptedHost host{clock};
  ToldProgress progress;
  ToolsRequest request{.subject = "bank.py", .runs_at_once = 1};

  [[nodiscard]] Result<Report> try_check() {
    Sources sources = bank_with({});
    return check_tools(request, host, clock, sources, progress);
  }
  [[nodiscard]] Report check() {
    auto report = try_check();
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report ? *std::move(report) : Report{};
  }
  // Answers runs of that pair so, and all others with an end.
  void answer(const NamePair& pair, const RunEnd& end) {
    host.answer = [=](const Ordered& run) { return run.pair == pair ? end : ended(); };
  }
};

const NamePair kPayPay{"pay", "pay"};
const NamePair kPayRead{"pay", "read"};
const NamePair kReadRead{"read", "read"};
const std::set<NamePair> kAllPairs{kPayPay, kPayRead, kReadRead};

// ---- what is run

TEST(ToolsCheck, RunsEveryPairUntilItHasBeenTriedOftenEnough) {
  Fixture fixture;

  const Report report = fixture.check();

  EXPECT_EQ(fixture.host.pairs(), kAllPairs);
  for (const NamePair& pair : kAllPairs) EXPECT_GT(fixture.host.runs_of(pair), 1U);
  EXPECT_EQ(report.verdict, Verdict::clean);
  EXPECT_EQ(report.subject, "bank.py");
  EXPECT_EQ(report.pairs, 3U);
  EXPECT_EQ(report.runs, fixture.host.runs.size());
  EXPECT_NEAR(report.seconds, 0.01 * static_cast<double>(report.runs), 1e-9);
}

TEST(ToolsCheck, HandsOverTheArgumentsThatAreGiven) {
  Fixture fixture;
  fixture.request.given = {{"pay", {R"({"n": 5})"}}};

  static_cast<void>(fixture.check());

  EXPECT_EQ(fixture.host.given, fixture.request.given);
  EXPECT_EQ(fixture.host.open_limit, fixture.request.budget);
  EXPECT_EQ(fixture.host.runs[0].order.threads[0].arguments[0], R"({"n": 1})");
}

TEST(ToolsCheck, PassesOnWhatIsWrongWithTheTools) {
  Fixture fixture;
  fixture.host.facts = failure(ErrorCode::bad_tools, "bank.py has no tools");

  const auto report = fixture.try_check();

  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error(), (Error{ErrorCode::bad_tools, "bank.py has no tools"}));
}

TEST(ToolsCheck, LeavesOutDestructiveAndIsolatedTools) {
  Fixture fixture;
  fixture.host.facts->tools[0].is_destructive = true;
  fixture.host.facts->tools.push_back(tool("apart"));
  fixture.host.facts->tools[2].is_isolated = true;

  const Report report = fixture.check();

  EXPECT_EQ(fixture.host.pairs(), std::set{kReadRead});
  ASSERT_EQ(report.not_tested.size(), 2U);
  EXPECT_EQ(report.not_tested[0].functions, Names{"pay"});
  EXPECT_EQ(report.not_tested[1].functions, Names{"apart"});
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ToolsCheck, RunsDestructiveToolsWhenToldTo) {
  Fixture fixture;
  fixture.host.facts->tools[0].is_destructive = true;
  fixture.request.includes_destructive = true;

  const Report report = fixture.check();

  EXPECT_EQ(fixture.host.pairs(), kAllPairs);
  EXPECT_TRUE(report.not_tested.empty());
}

TEST(ToolsCheck, IsInconclusiveWhereThereIsNothingToRun) {
  Fixture without_tools;
  without_tools.host.facts = ToolsFacts{};
  Fixture destructive;
  for (ToolFacts& each : destructive.host.facts->tools) each.is_destructive = true;

  for (Fixture* fixture : {&without_tools, &destructive}) {
    EXPECT_EQ(fixture->check().verdict, Verdict::inconclusive);
    EXPECT_TRUE(fixture->host.runs.empty());
  }
}

TEST(ToolsCheck, IsInconclusiveWhereAToolHasNoArguments) {
  Fixture fixture;
  fixture.host.facts->tools[1] = {.name = "read", .trouble = "`when`: no example of datetime"};

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  ASSERT_EQ(report.not_tested.size(), 1U);
  EXPECT_EQ(report.not_tested[0].why, "`when`: no example of datetime");
  EXPECT_EQ(fixture.host.pairs(), std::set{kPayPay});
}

TEST(ToolsCheck, IsInconclusiveWhereCallsNeverMet) {
  Fixture fixture;
  fixture.answer(kPayRead, never_met());

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::inconclusive);
  EXPECT_EQ(report.not_overlapped, Pairs{kPayRead});
}

TEST(ToolsCheck, NamesPairsInTheOrderOfTheirNames) {
  Fixture fixture;
  std::ranges::reverse(fixture.host.facts->tools);
  fixture.answer({"read", "pay"}, never_met());

  EXPECT_EQ(fixture.check().not_overlapped, Pairs{kPayRead});
}

TEST(ToolsCheck, RunsTwoAtATime) {
  Fixture fixture;
  fixture.request.runs_at_once = 2;
  std::latch two(2);  // one at a time would wait here for ever
  std::atomic<int> runs = 0;
  fixture.host.answer = [&](const Ordered&) {
    if (++runs <= 2) two.arrive_and_wait();
    return ended();
  };

  EXPECT_EQ(fixture.check().verdict, Verdict::clean);
}

// ---- what is found

TEST(ToolsCheck, TellsWhatItFoundAndWhichPairsAreUnsafe) {
  Fixture fixture;
  fixture.answer(kPayRead, ended({with_calls(lost_update(), "read", "pay")}));

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::findings);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].functions, (Names{"pay", "read"}));
  EXPECT_EQ(report.findings[0].runs, fixture.host.runs_of(kPayRead));
  EXPECT_EQ(report.unsafe_pairs, Pairs{kPayRead});
}

TEST(ToolsCheck, LooksCloserAtTheLinesOfASuspicion) {
  Fixture fixture;
  const std::vector<Wait> delays{{{std::string(kBank), 11}}, {{std::string(kBank), 12}}};
  fixture.host.answer = [&](const Ordered& run) {
    if (run.pair != kPayRead) return ended();
    return ended(
        {run.order.delays.empty() ? as_potential(lost_update(11, 12)) : lost_update(11, 12)});
  };

  const Report report = fixture.check();

  std::size_t closer = 0;
  for (const Ordered& run : fixture.host.runs) {
    if (run.order.delays.empty()) continue;
    ++closer;
    EXPECT_EQ(run.pair, kPayRead);
    EXPECT_EQ(run.order.delays, delays);
  }
  EXPECT_GT(closer, 0U);
  EXPECT_EQ(report.verdict, Verdict::findings);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].runs, closer);
}

TEST(ToolsCheck, DoesNotTellASuspicionThatNoCloserLookHasSeen) {
  Fixture fixture;
  fixture.answer(kPayPay, ended({as_potential(lost_update())}));

  const Report report = fixture.check();

  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ToolsCheck, EndsThoughEveryLookBringsNewSuspicions) {
  Fixture fixture;
  fixture.host.takes = {};
  int line = 100;
  fixture.host.answer = [&](const Ordered&) {
    line += 2;
    return ended({as_potential(lost_update(line, line + 1))});
  };

  EXPECT_EQ(fixture.check().verdict, Verdict::clean);
}

TEST(ToolsCheck, TellsModulesThatTurnedTheGilOnUnlessToldNotToMind) {
  for (const bool minds : {true, false}) {
    Fixture fixture;
    fixture.request.minds_gil = minds;
    fixture.host.facts->gil_enablers = {"old"};
    RunEnd end = ended();
    end.run->gil_enablers = {"old", "lazy"};
    fixture.answer(kPayPay, end);

    const Report report = fixture.check();

    EXPECT_EQ(report.findings.size(), minds ? 2U : 0U);
    EXPECT_EQ(report.verdict, minds ? Verdict::findings : Verdict::clean);
    EXPECT_TRUE(report.unsafe_pairs.empty());
  }
}

TEST(ToolsCheck, NotesWarningsAndWhatCallsRaisedEachOnce) {
  Fixture fixture;
  fixture.host.facts->warnings = {"`pay`: no type"};
  RunEnd end = ended();
  end.run->raised = {"pay: ValueError: no", "pay: ValueError: no"};
  fixture.answer(kPayPay, end);

  const Report report = fixture.check();

  EXPECT_EQ(report.notes, (Names{"`pay`: no type", "a call raised: pay: ValueError: no"}));
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ToolsCheck, CountsWhatCallsRaisedBeyondTheFirst) {
  Fixture fixture;
  RunEnd end = ended();
  for (int at = 0; at < 13; ++at)
    end.run->raised.push_back("pay: ValueError: " + std::to_string(at));
  fixture.answer(kPayPay, end);

  const Report report = fixture.check();

  ASSERT_EQ(report.notes.size(), 11U);
  EXPECT_EQ(report.notes.back(), "calls raised 3 more");
}

TEST(ToolsCheck, SaysWhichCompiledModulesItDoesNotSeeInto) {
  Fixture fixture;
  fixture.host.facts->extensions = {"numpy"};
  RunEnd end = ended();
  end.run->extensions = {"lxml", "numpy"};
  fixture.answer(kPayPay, end);

  const Report report = fixture.check();

  ASSERT_EQ(report.what_cannot_be_seen.size(), 2U);
  EXPECT_TRUE(has(report.what_cannot_be_seen[0], "`lxml`"));
}

// ---- runs that do not come to their end

TEST(ToolsCheck, GivesUpAPairThatHangsAndGoesOnWithTheOthers) {
  Fixture fixture;
  fixture.answer(kPayRead, hung({.running = {{"read", R"({"n": 1})"}}}));

  const Report report = fixture.check();

  EXPECT_EQ(fixture.host.runs_of(kPayRead), 1U);
  EXPECT_GT(fixture.host.runs_of(kReadRead), 1U);
  EXPECT_EQ(report.failures, (std::vector<Failure>{{.calls = {{"read", R"({"n": 1})"}},
                                                    .what = "did not end within 5 s"}}));
  EXPECT_TRUE(report.not_overlapped.empty());
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST(ToolsCheck, GivesARunAPartOfTheBudgetOrWhatACallMayTake) {
  const std::vector<std::tuple<Duration, Duration, Duration>> limits{
      {15s, 60s, 5s}, {3s, 60s, 2s}, {60s, 4s, 4s}};  // budget, limit of a call, of a run
  for (const auto& [budget, call_limit, expected] : limits) {
    Fixture fixture;
    fixture.request.budget = budget;
    fixture.request.call_limit = call_limit;

    static_cast<void>(fixture.check());

    EXPECT_EQ(fixture.host.runs[0].limit, expected);
    EXPECT_LT(fixture.host.runs[0].order.overlap_limit, expected);
  }
}

// The first two runs take 7 s each; the third is given what is left, and the least there is.
TEST(ToolsCheck, DoesNotBlameARunThatTheBudgetCutShort) {
  Fixture fixture;
  fixture.request.budget = 15s;
  fixture.host.takes = 7s;
  fixture.answer(kReadRead, hung());

  const Report report = fixture.check();

  ASSERT_EQ(fixture.host.runs.size(), 3U);
  EXPECT_EQ(fixture.host.runs[2].limit, 2s);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(report.not_overlapped, Pairs{kReadRead});
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST(ToolsCheck, NamesThePairWhereNothingIsKnownOfTheCallsThatRan) {
  Fixture fixture;
  fixture.answer(kPayRead, crashed());

  const Report report = fixture.check();

  EXPECT_EQ(report.failures, (std::vector<Failure>{{.calls = {{"pay", ""}, {"read", ""}},
                                                    .what = "was ended by SIGSEGV"}}));
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST(ToolsCheck, CountsARunThatForkedAsAFailureThoughItEnded) {
  Fixture fixture;
  RunEnd end = ended({lost_update()});
  end.journal.forking = {{"pay", R"({"n": 1})"}};
  fixture.answer(kPayPay, end);

  const Report report = fixture.check();

  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].calls, (std::vector<RunningCall>{{"pay", R"({"n": 1})"}}));
  EXPECT_TRUE(has(report.failures[0].what, "forked its process"));
  EXPECT_EQ(fixture.host.runs_of(kPayPay), 1U);
  EXPECT_EQ(report.findings.size(), 1U);
}

TEST(ToolsCheck, IsFindingsWhereErrorsWereSeenBeforeARunHung) {
  Fixture fixture;
  fixture.answer(kPayPay, hung({.findings = {lost_update()}}));

  const Report report = fixture.check();

  EXPECT_EQ(report.verdict, Verdict::findings);
  EXPECT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.unsafe_pairs, Pairs{kPayPay});
}

TEST(ToolsCheck, DoesNotLookCloserAtAPairThatWasGivenUp) {
  Fixture fixture;
  fixture.answer(kPayPay, hung({.findings = {as_potential(lost_update())}}));

  static_cast<void>(fixture.check());

  EXPECT_EQ(fixture.host.runs_of(kPayPay), 1U);
}

TEST(ToolsCheck, TellsTheSameFailureOnce) {
  Fixture fixture;
  fixture.host.answer = [](const Ordered&) { return crashed({.running = {{"pay", "{}"}}}); };

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 3U);
  EXPECT_EQ(report.failures.size(), 1U);
}

// ---- time

TEST(ToolsCheck, StartsNoRunWhenTheBudgetIsOver) {
  Fixture fixture;
  fixture.request.budget = 15s;
  fixture.host.takes = 4s;

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 4U);
  EXPECT_EQ(report.verdict, Verdict::clean);
}

TEST(ToolsCheck, IsInconclusiveWhereTheTimeWasTooShortForEveryPair) {
  Fixture fixture;
  fixture.request.budget = 5s;
  fixture.host.takes = 4s;

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 2U);
  EXPECT_EQ(report.not_overlapped, Pairs{kReadRead});
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST(ToolsCheck, RunsNothingWhenLoadingTookAllTheTime) {
  Fixture fixture;
  fixture.host.loading = 15s;

  const Report report = fixture.check();

  EXPECT_EQ(report.runs, 0U);
  EXPECT_EQ(report.not_overlapped.size(), 3U);
  EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST(ToolsCheck, TellsHowFarItIs) {
  Fixture fixture;
  fixture.answer(kPayPay, ended({lost_update()}));

  static_cast<void>(fixture.check());

  const auto& steps = fixture.progress.steps;
  ASSERT_EQ(steps.size(), fixture.host.runs.size() + 1);
  EXPECT_EQ(steps[0].what, "loading the tools");
  EXPECT_EQ(steps[1].what, "`pay` beside `pay`");
  EXPECT_EQ(steps[1].findings, 0U);
  EXPECT_EQ(steps.back().findings, 1U);
  for (std::size_t at = 1; at < steps.size(); ++at) EXPECT_GE(steps[at].share, steps[at - 1].share);
  EXPECT_EQ(steps.back().share, 1);
}

}  // namespace
}  // namespace atonce::check
