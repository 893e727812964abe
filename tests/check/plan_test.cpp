#include "check/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "check/findings.h"

namespace atonce::check {
namespace {

ToolFacts tool(std::string name, std::vector<std::string> arguments = {"{}"}) {
  return {.name = std::move(name), .arguments = std::move(arguments)};
}

std::vector<ToolFacts> two_tools() { return {tool("pay"), tool("read")}; }

// Runs all that the plan wants, each time with so many calls that met.
std::vector<Job> finish_all(Plan& plan, std::size_t overlapped) {
  std::vector<Job> jobs;
  while (const auto job = plan.next()) {
    plan.finish(*job, overlapped);
    jobs.push_back(*job);
  }
  return jobs;
}

std::vector<Pair> pairs_of(const std::vector<Job>& jobs) {
  std::vector<Pair> pairs;
  for (const Job& job : jobs) pairs.push_back(job.pair);
  return pairs;
}

const std::vector<Pair> kAllPairsOfTwo{{0, 0}, {0, 1}, {1, 1}};

TEST(Plan, PairsEachToolWithItselfAndWithEveryOther) {
  const Plan plan(two_tools(), {});

  EXPECT_EQ(plan.pairs(), kAllPairsOfTwo);
  EXPECT_TRUE(plan.not_tested().empty());
}

TEST(Plan, HasNothingToDoWithoutTools) {
  Plan plan({}, {});

  EXPECT_FALSE(plan.next().has_value());
  EXPECT_EQ(plan.share_done(), 1);
}

TEST(Plan, RunsEveryPairOnceBeforeAnyIsRunAgain) {
  Plan plan(two_tools(), {});

  std::vector<Pair> pairs = pairs_of(finish_all(plan, 1));
  pairs.resize(3);

  EXPECT_EQ(pairs, kAllPairsOfTwo);
}

TEST(Plan, RunsEveryPairAsOftenAsItIsTold) {
  Plan plan(two_tools(), {.most_rounds = 5});

  const std::vector<Pair> pairs = pairs_of(finish_all(plan, 1));

  EXPECT_EQ(pairs.size(), 15U);
  for (const Pair& pair : plan.pairs()) EXPECT_EQ(std::ranges::count(pairs, pair), 5);
}

TEST(Plan, HasAnotherSeedForEachRun) {
  Plan plan(two_tools(), {});
  std::set<std::uint64_t> seeds;
  plan.look_closer({.pair = {0, 1}}, {});

  const std::vector<Job> jobs = finish_all(plan, 1);

  for (const Job& job : jobs) seeds.insert(job.seed);
  EXPECT_EQ(seeds.size(), jobs.size());
}

TEST(Plan, RunsThoseFirstAgainWhoseCallsNeverMet) {
  Plan plan(two_tools(), {.most_rounds = 3});
  for (int pair = 0; pair < 3; ++pair) {
    const Job job = *plan.next();
    plan.finish(job, job.pair == Pair{1, 1} ? 0 : 1);
  }

  EXPECT_EQ(plan.next()->pair, (Pair{1, 1}));
  EXPECT_EQ(plan.next()->pair, (Pair{1, 1}));
  EXPECT_EQ(plan.next()->pair, (Pair{0, 0}));
}

TEST(Plan, LooksCloserOnceEveryPairHadItsFirstRun) {
  const std::vector<Wait> delays{{{std::string(kBank), 11}}};
  Plan plan(two_tools(), {.most_rounds = 2});
  const Job first = *plan.next();
  plan.finish(first, 1);
  plan.look_closer(first, delays);

  const std::vector<Job> jobs = finish_all(plan, 1);

  ASSERT_EQ(jobs.size(), 6U);
  EXPECT_TRUE(jobs[0].delays.empty());
  EXPECT_TRUE(jobs[1].delays.empty());
  EXPECT_EQ(jobs[2].pair, first.pair);
  EXPECT_EQ(jobs[2].delays, delays);
  for (std::size_t at = 3; at < jobs.size(); ++at) EXPECT_TRUE(jobs[at].delays.empty());
}

TEST(Plan, DoesNotTryAPairAgainThatWasGivenUp) {
  Plan plan(two_tools(), {});
  const Job first = *plan.next();
  plan.look_closer(first, {{{std::string(kBank), 11}}});
  plan.give_up(first, {});

  const std::vector<Pair> pairs = pairs_of(finish_all(plan, 1));

  EXPECT_FALSE(pairs.empty());
  EXPECT_EQ(std::ranges::count(pairs, first.pair), 0);
  EXPECT_EQ(plan.share_done(), 1);
}

TEST(Plan, LeavesToolsThatHangToTheEnd) {
  Plan plan({tool("hang"), tool("pay"), tool("read")}, {.most_rounds = 2});
  plan.give_up(*plan.next(), {"hang"});

  const std::vector<Pair> pairs = pairs_of(finish_all(plan, 1));

  ASSERT_EQ(pairs.size(), 10U);
  const auto has_hanging = [](const Pair& pair) { return pair.first == 0; };
  EXPECT_EQ(std::ranges::count_if(pairs, has_hanging), 4);
  EXPECT_TRUE(std::all_of(pairs.end() - 4, pairs.end(), has_hanging));
}

TEST(Plan, KnowsThePairsWhoseCallsNeverMet) {
  Plan plan(two_tools(), {.most_rounds = 2});
  EXPECT_EQ(plan.not_overlapped(), kAllPairsOfTwo);

  while (const auto job = plan.next()) plan.finish(*job, job->pair == Pair{0, 1} ? 3 : 0);

  EXPECT_EQ(plan.not_overlapped(), (std::vector<Pair>{{0, 0}, {1, 1}}));
}

TEST(Plan, DoesNotSayOfAPairThatWasGivenUpThatItNeverMet) {
  Plan plan(two_tools(), {.most_rounds = 1});
  plan.give_up(*plan.next(), {});

  EXPECT_EQ(plan.not_overlapped(), (std::vector<Pair>{{0, 1}, {1, 1}}));
}

TEST(Plan, KnowsHowFarItIs) {
  Plan plan(two_tools(), {.most_rounds = 2});
  EXPECT_EQ(plan.share_done(), 0);

  double before = 0;
  while (const auto job = plan.next()) {
    EXPECT_GT(plan.share_done(), before);
    before = plan.share_done();
  }

  EXPECT_EQ(plan.share_done(), 1);
}

TEST(Plan, LeavesDestructiveToolsOutUnlessToldToRunThem) {
  ToolFacts drop = tool("drop");
  drop.is_destructive = true;
  const Plan careful({tool("pay"), drop}, {});
  const Plan bold({tool("pay"), drop}, {.includes_destructive = true});

  EXPECT_EQ(careful.pairs(), (std::vector<Pair>{{0, 0}}));
  ASSERT_EQ(careful.not_tested().size(), 1U);
  EXPECT_EQ(careful.not_tested()[0].functions, std::vector<std::string>{"drop"});
  EXPECT_NE(careful.not_tested()[0].why.find("--include-destructive"), std::string::npos);
  EXPECT_FALSE(careful.not_tested()[0].is_wanted);
  EXPECT_EQ(bold.pairs().size(), 3U);
  EXPECT_TRUE(bold.not_tested().empty());
}

TEST(Plan, LeavesOutWhatRunsInProcessesOfItsOwn) {
  ToolFacts apart = tool("apart");
  apart.is_isolated = true;
  const Plan plan({apart, tool("pay")}, {});

  EXPECT_EQ(plan.pairs(), (std::vector<Pair>{{1, 1}}));
  ASSERT_EQ(plan.not_tested().size(), 1U);
  EXPECT_FALSE(plan.not_tested()[0].is_wanted);
}

TEST(Plan, WouldHaveWantedTheToolsThatItHasNoArgumentsFor) {
  ToolFacts odd = tool("odd", {});
  odd.trouble = "`when`: no example of datetime";
  const Plan plan({odd, tool("strange", {})}, {});

  EXPECT_TRUE(plan.pairs().empty());
  const std::vector<NotTested> expected{
      {.functions = {"odd"}, .why = "`when`: no example of datetime"},
      {.functions = {"strange"}, .why = "no arguments could be made for it"}};
  EXPECT_EQ(plan.not_tested(), expected);
  EXPECT_TRUE(plan.not_tested()[0].is_wanted);
}

TEST(Plan, DoesNotRunToolsOfOneSerialGroupBesideEachOther) {
  std::vector<ToolFacts> tools{tool("pay"), tool("save"), tool("read")};
  tools[0].serial_group = tools[1].serial_group = "ledger";
  const Plan plan(tools, {});

  EXPECT_EQ(plan.pairs(), (std::vector<Pair>{{0, 2}, {1, 2}, {2, 2}}));
  const std::vector<NotTested> expected{
      {.functions = {"pay"}, .why = "it is serial", .is_wanted = false},
      {.functions = {"pay", "save"},
       .why = "they are of the serial group `ledger`",
       .is_wanted = false},
      {.functions = {"save"}, .why = "it is serial", .is_wanted = false}};
  EXPECT_EQ(plan.not_tested(), expected);
}

TEST(Plan, RunsAToolOfWhichThereIsOneAtATimeBesideOthersOnly) {
  std::vector<ToolFacts> tools = two_tools();
  tools[0].max_concurrency = 1;
  tools[1].max_concurrency = 2;
  const Plan plan(tools, {});

  EXPECT_EQ(plan.pairs(), (std::vector<Pair>{{0, 1}, {1, 1}}));
  ASSERT_EQ(plan.not_tested().size(), 1U);
  EXPECT_FALSE(plan.not_tested()[0].is_wanted);
}

TEST(Plan, OrdersOneThreadForEachToolOfThePair) {
  Plan plan({tool("pay", {"1"}), tool("read", {"2"})}, {});
  static_cast<void>(plan.next());
  const Job job = *plan.next();

  const RunOrder order = plan.order_for(job);

  ASSERT_EQ(job.pair, (Pair{0, 1}));
  ASSERT_EQ(order.threads.size(), 2U);
  EXPECT_EQ(order.threads[0].tool, 0U);
  EXPECT_EQ(order.threads[0].arguments.front(), "1");
  EXPECT_EQ(order.threads[1].tool, 1U);
  EXPECT_EQ(order.threads[1].arguments.front(), "2");
  EXPECT_EQ(order.seed, job.seed);
  EXPECT_TRUE(order.delays.empty());
}

TEST(Plan, MakesTheFirstLookShorterThanTheLaterOnes) {
  Plan plan({tool("pay")}, {});
  const std::size_t first = plan.order_for(*plan.next()).threads[0].arguments.size();
  const std::size_t second = plan.order_for(*plan.next()).threads[0].arguments.size();

  EXPECT_GE(first, 1U);
  EXPECT_LT(first, second);
}

TEST(Plan, GivesBothThreadsTheSameArgumentsInSomeRunsAndOthersInOthers) {
  Plan plan({tool("pay", {"1", "2", "3"})}, {});
  std::set<bool> are_same;
  std::set<std::string> used;
  while (const auto job = plan.next()) {
    const RunOrder order = plan.order_for(*job);
    are_same.insert(order.threads[0].arguments == order.threads[1].arguments);
    used.insert(order.threads[0].arguments.begin(), order.threads[0].arguments.end());
  }

  EXPECT_EQ(are_same, (std::set{false, true}));
  EXPECT_EQ(used, (std::set<std::string>{"1", "2", "3"}));
}

TEST(Plan, PerturbsMostRunsAndLeavesSomeAlone) {
  Plan plan(two_tools(), {});
  std::size_t perturbed = 0;
  std::size_t calm = 0;
  while (const auto job = plan.next()) ++(plan.order_for(*job).perturbs ? perturbed : calm);

  EXPECT_GT(calm, 0U);
  EXPECT_GT(perturbed, 2 * calm);
}

TEST(Plan, CallsTheOtherToolsFirstInSomeRunsAndFirstInTheOrderOfTheFile) {
  Plan plan({tool("open"), tool("pay", {"1", "2"}), tool("close")}, {});
  std::set<std::vector<std::size_t>> before;
  while (const auto job = plan.next()) {
    if (before.size() == 1 && !job->before.empty()) {
      EXPECT_EQ(job->before, (std::vector<std::size_t>{0, 1, 2}));
      EXPECT_EQ(plan.order_for(*job).before[1].arguments, std::vector<std::string>{"1"});
    }
    before.insert(job->before);
  }

  EXPECT_TRUE(before.contains(std::vector<std::size_t>{}));
  EXPECT_GT(before.size(), 4U);
}

TEST(Plan, CallsNoToolFirstThatIsSlowOrIsLeftOutOrEndedARun) {
  ToolFacts left_out = tool("wipe");
  left_out.is_destructive = true;
  Plan plan({tool("crash"), tool("sleep"), left_out, tool("pay")}, {});
  std::set<std::size_t> before;
  while (const auto job = plan.next()) {
    before.insert(job->before.begin(), job->before.end());
    if (job->pair.first == 0) {
      plan.give_up(*job, {}, {"crash"});
    } else {
      plan.finish(*job, 1, {"sleep"});
    }
  }

  EXPECT_EQ(before, std::set<std::size_t>{3});
}

TEST(Plan, BlamesAToolThatWasCalledFirstAndNotThePair) {
  Plan plan({tool("receive"), tool("send")}, {});
  Job job{.pair = {1, 1}, .before = {0, 1}};

  EXPECT_FALSE(plan.blame_others(job, {}));
  EXPECT_FALSE(plan.blame_others(job, {"send"}));
  EXPECT_TRUE(plan.blame_others(job, {"receive"}));
  while (const auto next = plan.next()) {
    for (const std::size_t before : next->before) EXPECT_EQ(before, 1U);
  }
}

TEST(Plan, OrdersTheWaitsOfACloserLookAndTheSameArgumentsInBothThreads) {
  const std::vector<Wait> delays{{{std::string(kBank), 11}, "'eur'"}};
  Plan plan({tool("pay", {"1", "2", "3"})}, {});
  plan.finish(*plan.next(), 1);
  plan.look_closer({.pair = {0, 0}, .before = {0}}, delays);

  const RunOrder order = plan.order_for(*plan.next());

  EXPECT_EQ(order.delays, delays);
  EXPECT_EQ(order.before.size(), 1U);
  EXPECT_EQ(order.threads[0].arguments, order.threads[1].arguments);
}

}  // namespace
}  // namespace atonce::check
