#include "compare/evidence.h"

#include <gtest/gtest.h>

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

// Two threads as fast as one, and nothing else remarkable.
Evidence poor() {
  return {.workers = 2,
          .speedup = 1,
          .call_seconds = 1e-3,
          .dispatch_seconds = 1e-6,
          .machine_speedup = 2,
          .processes_speedup = 1.9};
}

std::vector<std::string> kinds_of(const Evidence& evidence) {
  std::vector<std::string> kinds;
  for (const Cause& cause : causes_of(evidence)) kinds.push_back(cause.kind);
  return kinds;
}

using Kinds = std::vector<std::string>;

TEST(Causes, AreNotLookedForWhereThreadsScale) {
  Evidence fine = poor();
  fine.speedup = 1.9;
  fine.is_gil_on = true;
  EXPECT_EQ(kinds_of(fine), Kinds{});
}

TEST(Causes, AreNotInventedWhereNothingIsSeen) { EXPECT_EQ(kinds_of(poor()), Kinds{}); }

TEST(Causes, NameTheModuleThatTurnedTheGilOn) {
  Evidence seen = poor();
  seen.is_gil_on = true;
  seen.gil_enablers = {"old"};
  seen.collector_share = 0.5;
  EXPECT_EQ(kinds_of(seen), Kinds{"gil"});
  EXPECT_NE(causes_of(seen)[0].subject.find("`old`"), std::string::npos);
}

TEST(Causes, NameThePolicyThatKeepsCallsApart) {
  Evidence seen = poor();
  seen.policy = "its serial group `db`";
  EXPECT_EQ(kinds_of(seen), Kinds{"policy"});
}

TEST(Causes, NameTheLockAndNotWhatItsPrivateCopyGains) {
  Evidence seen = poor();
  seen.locks = {{.name = "LOCK", .place = "t.py:3", .waited = 5ms, .waits = 9}};
  seen.locks_share = 0.4;
  seen.trials = {{.names = {}, .gain = {1.9, 1.8, 2}}};
  EXPECT_EQ(kinds_of(seen), Kinds{"lock"});
  EXPECT_NE(causes_of(seen)[0].subject.find("`LOCK` (t.py:3)"), std::string::npos);
}

TEST(Causes, NameTheOneObjectWhoseCopiesHelp) {
  Evidence seen = poor();
  seen.trials = {{.names = {}, .gain = {1.9, 1.8, 2}},
                 {.names = {"CONFIG"}, .gain = {1.01, 0.98, 1.03}},
                 {.names = {"COUNTER"}, .gain = {1.8, 1.7, 1.9}}};
  EXPECT_EQ(kinds_of(seen), Kinds{"reference_count"});
  EXPECT_EQ(causes_of(seen)[0].subject, "`COUNTER`");
}

TEST(Causes, NameSeveralObjectsWhenNoneAloneHelps) {
  Evidence seen = poor();
  seen.trials = {{.names = {}, .gain = {1.9, 1.8, 2}},
                 {.names = {"A"}, .gain = {1.1, 1.06, 1.2}},
                 {.names = {"B"}, .gain = {0.9, 0.8, 1}},
                 {.names = {"A", "B"}, .gain = {1.8, 1.7, 1.9}}};
  EXPECT_EQ(causes_of(seen)[0].subject, "`A`, `B`");
  seen.trials.pop_back();
  EXPECT_EQ(causes_of(seen)[0].subject, "what the module's calls share");
  seen.shared_names = {"A", "B", "C"};
  EXPECT_EQ(causes_of(seen)[0].subject, "what the module's calls share: `A`, `B`, `C`");
}

TEST(Causes, KnowPausesShortCallsAndFewCores) {
  Evidence pauses = poor();
  pauses.collector_share = 0.3;
  EXPECT_EQ(kinds_of(pauses), Kinds{"collector"});
  Evidence brief = poor();
  brief.call_seconds = 2e-6;
  brief.one_worker = 1.6;
  EXPECT_EQ(kinds_of(brief), Kinds{"short_calls"});
  Evidence crowded = poor();
  crowded.machine_speedup = 1.1;
  EXPECT_EQ(kinds_of(crowded), Kinds{"few_cores"});
}

TEST(Causes, TellAllocationFromBandwidthByTheKernelsShare) {
  Evidence allocating = poor();
  allocating.system_share = 0.5;
  allocating.faults_per_second = 200'000;
  EXPECT_EQ(kinds_of(allocating), Kinds{"allocation"});
  Evidence streaming = poor();
  streaming.processes_speedup = 1.2;
  streaming.beside_streams = Interval{1.5, 1.4, 1.6};
  EXPECT_EQ(kinds_of(streaming), Kinds{"memory_bandwidth"});
  streaming.processes_speedup = 1.9;
  EXPECT_EQ(kinds_of(streaming), Kinds{});
}

}  // namespace
}  // namespace atonce::compare
