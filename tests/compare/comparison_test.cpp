// The comparison over hosts that are made up: what is asked of them, in which order, and what is
// said of what they answer. The real processes are tested from outside (tests/e2e/test_compare.py).

#include "compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/fakes.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

// How an arm behaves: how long one call takes on one worker, and how well more workers help.
struct Behaviour {
  Duration call = 1ms;
  double efficiency = 1;  // of each further worker
  double noise = 0;       // share of a round, both ways
  std::string refuses = {};
  std::string fails = {};
  bool hangs = false;
  bool is_gil_on = false;
};

class FakeHosts;

class FakeHost final : public Host {
 public:
  FakeHost(FakeHosts& owner, HostOrder order, Behaviour behaviour)
      : owner_(owner), order_(std::move(order)), behaviour_(std::move(behaviour)) {
    facts_.startup = 1ms * static_cast<int>(order_.arm.workers);
    facts_.dispatch = 1us;
    facts_.is_gil_on = behaviour_.is_gil_on;
  }
  ~FakeHost() override;

  [[nodiscard]] const HostFacts& facts() const override { return facts_; }
  [[nodiscard]] Result<Round> run(const RoundOrder& order, Duration limit) override;
  [[nodiscard]] Result<std::vector<CopyCost>> copy(const std::vector<std::size_t>& sizes,
                                                   Duration) override {
    std::vector<CopyCost> costs;
    for (const std::size_t size : sizes) {
      costs.push_back({static_cast<double>(size), 3e-5 + static_cast<double>(size) * 1e-9});
    }
    return costs;
  }
  [[nodiscard]] Usage usage() const override { return {}; }
  [[nodiscard]] std::size_t memory() const override { return 10'000'000 * order_.arm.workers; }
  [[nodiscard]] std::size_t printed_bytes() const override { return 0; }

 private:
  FakeHosts& owner_;
  const HostOrder order_;
  const Behaviour behaviour_;
  HostFacts facts_;
};

class FakeHosts final : public HostMaker {
 public:
  explicit FakeHosts(engine::FakeClock& time) : clock(time) {}

  [[nodiscard]] Result<std::unique_ptr<Host>> open(const HostOrder& order, Duration) override {
    const Behaviour behaviour = behaviour_of(order.arm);
    if (!behaviour.refuses.empty()) return failure(ErrorCode::bad_tools, behaviour.refuses);
    most_open = std::max(most_open, ++open_now);
    return std::make_unique<FakeHost>(*this, order, behaviour);
  }

  [[nodiscard]] Behaviour behaviour_of(const Arm& arm) const {
    const auto found = behaviours.find(arm.kind);
    return found == behaviours.end() ? Behaviour{} : found->second;
  }

  engine::FakeClock& clock;
  std::map<ArmKind, Behaviour> behaviours;
  std::mt19937 generator{7};
  std::vector<Arm> rounds;  // in the order they were run
  int open_now = 0;
  int most_open = 0;
};

FakeHost::~FakeHost() { --owner_.open_now; }

Result<Round> FakeHost::run(const RoundOrder& order, Duration limit) {
  owner_.rounds.push_back(order_.arm);
  if (behaviour_.hangs) {
    owner_.clock.advance(limit);
    return failure(ErrorCode::timed_out, "its process did not answer in time and was ended");
  }
  const auto workers = static_cast<double>(order_.arm.workers);
  const double gained = 1 + (workers - 1) * behaviour_.efficiency;
  std::uniform_real_distribution<double> noise(1 - behaviour_.noise, 1 + behaviour_.noise);
  const auto calls = static_cast<double>(order.calls);
  const auto elapsed = std::chrono::duration_cast<Duration>(behaviour_.call * calls *
                                                            noise(owner_.generator) / gained);
  owner_.clock.advance(elapsed);
  Round round{.elapsed = elapsed, .busy = elapsed, .is_gil_on = behaviour_.is_gil_on};
  if (!behaviour_.fails.empty()) {
    round.failed = order.calls;
    round.failure = behaviour_.fails;
  }
  return round;
}

struct Fixture {
  engine::FakeClock clock;
  FakeHosts hosts{clock};
  Progress progress;

  [[nodiscard]] Report compare(Duration budget = 30s) {
    Request request;
    request.budget = budget;
    request.function = "tools.py::f";
    request.arguments = {"{}"};
    request.cores = 2;
    request.arms = arms_for({.cores = 2});
    std::mt19937 generator(3);
    Comparison comparison(
        std::move(request), hosts, clock,
        [&] { return std::uniform_real_distribution<double>(0, 1)(generator); }, progress);
    return comparison.run();
  }
};

const ArmReport& arm_in(const Report& report, ArmKind kind, std::size_t workers) {
  return *std::ranges::find(report.arms, Arm{kind, workers}, &ArmReport::arm);
}

TEST(Comparison, TellsHowMuchFasterEachArmIs) {
  Fixture fixture;
  fixture.hosts.behaviours[ArmKind::threads_gil] = {.efficiency = 0};
  fixture.hosts.behaviours[ArmKind::threads_nogil] = {.efficiency = 0.9, .noise = 0.02};
  const Report report = fixture.compare();
  EXPECT_NEAR(arm_in(report, ArmKind::threads_nogil, 2).speedup->median, 1.9, 0.05);
  EXPECT_NEAR(arm_in(report, ArmKind::threads_gil, 2).speedup->median, 1, 0.01);
  EXPECT_EQ(arm_in(report, ArmKind::serial, 1).speedup->median, 1);
  EXPECT_TRUE(report.has_verdict);
  EXPECT_NE(report.verdict.find("Take "), std::string::npos) << report.verdict;
}

TEST(Comparison, MeasuresMemoryWithNobodyElseThere) {
  Fixture fixture;
  const Report report = fixture.compare();
  EXPECT_EQ(*arm_in(report, ArmKind::processes, 4).pss_mb, 40);
  // All arms together, and not twice.
  EXPECT_EQ(fixture.hosts.most_open, static_cast<int>(report.arms.size()));
}

TEST(Comparison, GivesEveryArmARoundInEachCycleInChangingOrder) {
  Fixture fixture;
  const Report report = fixture.compare();
  const std::size_t arms = report.arms.size();
  const std::size_t cycles = arm_in(report, ArmKind::serial, 1).rounds;
  ASSERT_GE(cycles, 6U);
  for (const ArmReport& arm : report.arms) EXPECT_EQ(arm.rounds, cycles) << label_of(arm.arm);
  std::set<std::vector<Arm>> orders;
  const auto& rounds = fixture.hosts.rounds;
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    const auto end = rounds.end() - static_cast<std::ptrdiff_t>(cycle * arms);
    std::vector<Arm> order(end - static_cast<std::ptrdiff_t>(arms), end);
    std::vector<Arm> sorted = order;
    std::ranges::sort(sorted);
    EXPECT_EQ(std::ranges::unique(sorted).begin(), sorted.end());
    orders.insert(std::move(order));
  }
  EXPECT_GT(orders.size(), cycles / 2);
}

TEST(Comparison, KeepsToItsBudget) {
  Fixture fixture;
  const Time start = fixture.clock.now();
  static_cast<void>(fixture.compare(10s));
  EXPECT_LE(fixture.clock.now() - start, 10s);
}

TEST(Comparison, SaysWhichArmCannotStartAndGoesOn) {
  Fixture fixture;
  fixture.hosts.behaviours[ArmKind::processes] = {.refuses = "no process to be had"};
  const Report report = fixture.compare();
  EXPECT_EQ(arm_in(report, ArmKind::processes, 2).note, "no process to be had");
  EXPECT_FALSE(arm_in(report, ArmKind::processes, 2).seconds.has_value());
  EXPECT_TRUE(arm_in(report, ArmKind::threads_nogil, 2).speedup.has_value());
}

TEST(Comparison, SaysWhichArmFailsHangsOrNeedsTheGil) {
  Fixture fixture;
  fixture.hosts.behaviours[ArmKind::processes] = {.fails = "ValueError: no"};
  fixture.hosts.behaviours[ArmKind::threads_gil] = {.hangs = true};
  fixture.hosts.behaviours[ArmKind::threads_nogil] = {.efficiency = 0, .is_gil_on = true};
  const Report report = fixture.compare();
  EXPECT_NE(arm_in(report, ArmKind::processes, 2).note.find("calls failed: ValueError: no"),
            std::string::npos);
  EXPECT_NE(arm_in(report, ArmKind::threads_gil, 2).note.find("did not end"), std::string::npos);
  EXPECT_NE(arm_in(report, ArmKind::threads_nogil, 2).note.find("the GIL was on"),
            std::string::npos);
  EXPECT_TRUE(arm_in(report, ArmKind::threads_nogil, 2).speedup.has_value());
}

TEST(Comparison, EndsInTimeWhenEverythingHangs) {
  Fixture fixture;
  for (const ArmKind kind :
       {ArmKind::serial, ArmKind::threads_gil, ArmKind::threads_nogil, ArmKind::processes}) {
    fixture.hosts.behaviours[kind] = {.hangs = true};
  }
  const Time start = fixture.clock.now();
  const Report report = fixture.compare(12s);
  EXPECT_LE(fixture.clock.now() - start, 18s);
  EXPECT_FALSE(report.has_verdict);
  EXPECT_NE(report.verdict.find("No verdict"), std::string::npos);
}

TEST(Comparison, RefusesFiguresThatSayNothing) {
  Fixture fixture;
  for (const ArmKind kind :
       {ArmKind::serial, ArmKind::threads_gil, ArmKind::threads_nogil, ArmKind::processes}) {
    fixture.hosts.behaviours[kind] = {.noise = 0.9};
  }
  const Report report = fixture.compare();
  EXPECT_FALSE(report.has_verdict);
  EXPECT_NE(report.verdict.find("vary too much"), std::string::npos) << report.verdict;
  EXPECT_FALSE(arm_in(report, ArmKind::threads_nogil, 2).speedup.has_value());
  EXPECT_NE(arm_in(report, ArmKind::threads_nogil, 2).note.find("too noisy"), std::string::npos);
}

TEST(Comparison, LeavesOutArmsForLongCallsAndSaysSo) {
  Fixture fixture;
  for (const ArmKind kind :
       {ArmKind::serial, ArmKind::threads_gil, ArmKind::threads_nogil, ArmKind::processes}) {
    fixture.hosts.behaviours[kind] = {.call = 150ms};
  }
  const Report report = fixture.compare(30s);
  EXPECT_NE(arm_in(report, ArmKind::processes, 4).note.find("want of time"), std::string::npos);
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(report.notes[0].find("--budget"), std::string::npos);
}

TEST(Comparison, PrefersThreadsToProcessesThatAreAsFast) {
  Fixture fixture;
  fixture.hosts.behaviours[ArmKind::threads_gil] = {.efficiency = 0};
  fixture.hosts.behaviours[ArmKind::threads_nogil] = {.efficiency = 0.95, .noise = 0.03};
  fixture.hosts.behaviours[ArmKind::processes] = {.efficiency = 0.96, .noise = 0.03};
  const Report report = fixture.compare();
  EXPECT_NE(report.verdict.find("Take threads, GIL off"), std::string::npos) << report.verdict;
}

TEST(Comparison, TakesProcessesWhereTheyAreClearlyFaster) {
  Fixture fixture;
  fixture.hosts.behaviours[ArmKind::threads_gil] = {.efficiency = 0};
  fixture.hosts.behaviours[ArmKind::threads_nogil] = {.efficiency = 0.2};
  const Report report = fixture.compare();
  EXPECT_NE(report.verdict.find("Take processes"), std::string::npos) << report.verdict;
}

TEST(Comparison, SaysWhenNothingIsGained) {
  Fixture fixture;
  for (const ArmKind kind : {ArmKind::threads_gil, ArmKind::threads_nogil, ArmKind::processes}) {
    fixture.hosts.behaviours[kind] = {.efficiency = 0};
  }
  const Report report = fixture.compare();
  EXPECT_NE(report.verdict.find("Nothing here is worth"), std::string::npos) << report.verdict;
}

}  // namespace
}  // namespace atonce::compare
