#include "metrics/metrics.h"

#include <gtest/gtest.h>

#include <barrier>
#include <limits>
#include <sstream>
#include <thread>
#include <tuple>

namespace atonce::metrics {
namespace {

using namespace std::chrono_literals;

call::Finished finished(const std::string& tool, call::Outcome outcome,
                        std::chrono::nanoseconds started = 0ns,
                        std::chrono::nanoseconds ended = 1ms) {
  return {.call = {.id = "1", .name = tool, .arguments = "{}"},
          .outcome = std::move(outcome),
          .started = started,
          .ended = ended,
          .lane = "thread-1"};
}

testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << text << "has no " << part;
}

// The samples alone, and of them those whose name begins so.
std::string samples(const Metrics& metrics, const std::string& prefix) {
  std::string found;
  std::istringstream lines{metrics.expose()};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(prefix)) found += line + "\n";
  }
  return found;
}

TEST(Metrics, CountsCallsByToolAndOutcome) {
  Metrics metrics;
  metrics.know_tools({"add", "sub"});

  metrics.on_finished(finished("add", call::Returned{"1"}));
  metrics.on_finished(finished("add", call::Returned{"2"}));
  metrics.on_finished(finished("add", call::Raised{"ValueError", "no"}));
  metrics.on_finished(finished("sub", call::TimedOut{1s}));

  const std::string text = samples(metrics, "atonce_calls_total");
  EXPECT_TRUE(has(text, "{tool=\"add\",outcome=\"returned\"} 2\n"));
  EXPECT_TRUE(has(text, "{tool=\"add\",outcome=\"raised\"} 1\n"));
  EXPECT_TRUE(has(text, "{tool=\"add\",outcome=\"timed_out\"} 0\n"));
  EXPECT_TRUE(has(text, "{tool=\"sub\",outcome=\"timed_out\"} 1\n"));
}

TEST(Metrics, CountsNamesThatAreNoToolsTogetherSoThatStrangersCannotMakeSeries) {
  Metrics metrics;
  metrics.know_tools({"add"});

  metrics.on_finished(finished("ad", call::Invalid{"unknown_tool", "no"}));
  metrics.on_finished(finished("dda", call::Invalid{"unknown_tool", "no"}));

  const std::string text = metrics.expose();
  EXPECT_TRUE(has(text, "{tool=\"(unknown)\",outcome=\"invalid\"} 2\n"));
  EXPECT_FALSE(has(text, "dda"));
}

TEST(Metrics, AddsBucketsUpAndGivesSeconds) {
  Metrics metrics;
  metrics.know_tools({"add"});

  metrics.on_finished(finished("add", call::Returned{"1"}, 1ms, 1ms + 100us));  // on a bound
  metrics.on_finished(finished("add", call::Returned{"1"}, 1ms, 1ms + 101us));
  metrics.on_finished(finished("add", call::Returned{"1"}, 1ms, 91s));

  const std::string text = samples(metrics, "atonce_call_duration_seconds");
  EXPECT_TRUE(has(text, "_bucket{tool=\"add\",le=\"0.0001\"} 1\n"));
  EXPECT_TRUE(has(text, "_bucket{tool=\"add\",le=\"0.00025\"} 2\n"));
  EXPECT_TRUE(has(text, "_bucket{tool=\"add\",le=\"60\"} 2\n"));
  EXPECT_TRUE(has(text, "_bucket{tool=\"add\",le=\"+Inf\"} 3\n"));
  EXPECT_TRUE(has(text, "_sum{tool=\"add\"} 90.999201\n"));
  EXPECT_TRUE(has(text, "_count{tool=\"add\"} 3\n"));
}

TEST(Metrics, TellsHowLongCallsWaitedApartFromHowLongTheyRan) {
  Metrics metrics;
  metrics.know_tools({"add"});

  metrics.on_finished(finished("add", call::Returned{"1"}, 3s, 3s + 1ms));

  EXPECT_TRUE(has(metrics.expose(), "atonce_call_queue_seconds_sum 3\n"));
  EXPECT_TRUE(has(metrics.expose(), "atonce_call_duration_seconds_sum{tool=\"add\"} 0.001\n"));
}

TEST(Metrics, TimesNoCallWhoseFunctionWasNeverEntered) {
  Metrics metrics;
  metrics.know_tools({"add"});
  call::Finished never = finished("add", call::NotStarted{"stopping"}, 5ms, 5ms);
  never.lane = "";

  metrics.on_finished(never);

  const std::string text = metrics.expose();
  EXPECT_TRUE(has(text, "{tool=\"add\",outcome=\"not_started\"} 1\n"));
  EXPECT_TRUE(has(text, "atonce_call_duration_seconds_count{tool=\"add\"} 0\n"));
  EXPECT_TRUE(has(text, "atonce_call_queue_seconds_count 0\n"));
}

TEST(Metrics, TimesACallThatWasCancelledWhileItRan) {
  Metrics metrics;
  metrics.know_tools({"add"});
  call::Finished cancelled = finished("add", call::Cancelled{}, 1ms, 5ms);
  cancelled.lane = "";  // the one who cancels does not know it

  metrics.on_finished(cancelled);

  EXPECT_TRUE(has(metrics.expose(), "atonce_call_duration_seconds_count{tool=\"add\"} 1\n"));
}

TEST(Metrics, CountsTheAttemptsAfterTheFirst) {
  Metrics metrics;
  metrics.know_tools({"add"});
  const call::Call call{.id = "1", .name = "add", .arguments = "{}"};

  for (unsigned attempt = 0; attempt < 3; ++attempt) metrics.on_started(call, "thread-1", attempt);

  EXPECT_TRUE(has(metrics.expose(), "atonce_call_retries_total{tool=\"add\"} 2\n"));
}

TEST(Metrics, AsksForWhatOthersKnowWhenSomebodyLooks) {
  Metrics metrics;
  double connections = 2;
  metrics.add_gauge("atonce_connections", "Open connections.", [&] { return connections; });
  metrics.add(
      {.kind = Kind::counter, .name = "atonce_requests_total", .help = "Requests.", .read = [] {
         return std::vector<Sample>{{{{"status", "200"}}, 7}, {{{"status", "413"}}, 1}};
       }});
  connections = 3;

  EXPECT_TRUE(has(metrics.expose(),
                  "# HELP atonce_connections Open connections.\n"
                  "# TYPE atonce_connections gauge\n"
                  "atonce_connections 3\n"
                  "# HELP atonce_requests_total Requests.\n"
                  "# TYPE atonce_requests_total counter\n"
                  "atonce_requests_total{status=\"200\"} 7\n"
                  "atonce_requests_total{status=\"413\"} 1\n"));
}

TEST(Metrics, LosesNothingWhenManyThreadsCount) {
  static constexpr int kThreads = 4;
  static constexpr int kCalls = 5'000;
  Metrics metrics;
  metrics.know_tools({"add"});
  std::barrier start{kThreads};

  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        for (int call = 0; call < kCalls; ++call) {
          metrics.on_finished(finished("add", call::Returned{"1"}, 1us, 2us));
          if (call % 1'000 == 0) std::ignore = metrics.expose();
        }
      });
    }
  }

  const std::string text = metrics.expose();
  EXPECT_TRUE(has(text, "{tool=\"add\",outcome=\"returned\"} 20000\n"));
  EXPECT_TRUE(has(text, "atonce_call_duration_seconds_count{tool=\"add\"} 20000\n"));
  EXPECT_TRUE(has(text, "atonce_call_duration_seconds_sum{tool=\"add\"} 0.02\n"));
}

TEST(Exposition, EscapesWhatWouldEndALabelOrALine) {
  Exposition exposition;

  exposition.begin(Kind::gauge, "x", "one\ntwo \\ \"three\"");
  exposition.sample({{"path", "a\\b\"c\nd"}}, 1.5);

  EXPECT_EQ(exposition.take(),
            "# HELP x one\\ntwo \\\\ \"three\"\n"
            "# TYPE x gauge\n"
            "x{path=\"a\\\\b\\\"c\\nd\"} 1.5\n");
}

TEST(Exposition, WritesWhatIsNoNumberAsPrometheusDoes) {
  Exposition exposition;

  exposition.begin(Kind::gauge, "x", "X.");
  exposition.sample({}, std::numeric_limits<double>::quiet_NaN());
  exposition.sample({}, std::numeric_limits<double>::infinity());
  exposition.sample({}, -std::numeric_limits<double>::infinity());

  EXPECT_TRUE(has(exposition.take(), "x NaN\nx +Inf\nx -Inf\n"));
}

}  // namespace
}  // namespace atonce::metrics
