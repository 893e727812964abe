#include "compare/report_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

json::Document parsed(const std::string& text) {
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  return std::move(*document);
}

std::string raw_of(const json::View& object, std::string_view key) {
  const auto found = object.find(key);
  return found ? std::string(found->raw()) : "missing";
}

std::vector<std::string> keys_of(const json::View& object) {
  std::vector<std::string> keys;
  for (const json::Member& member : object.members()) keys.emplace_back(member.key);
  return keys;
}

Report one_arm(ArmReport arm) {
  Report report{.function = "tools.py::fib", .arguments = {R"({"n":20})"}, .calls = 8};
  report.arms.push_back(std::move(arm));
  return report;
}

const std::vector<std::string> kArmKeys{"name",
                                        "workers",
                                        "seconds",
                                        "speedup",
                                        "speedup_over_best",
                                        "startup_seconds",
                                        "pss_mb",
                                        "cpu_seconds",
                                        "copied_bytes_per_call",
                                        "queue_wait_seconds",
                                        "collector_seconds",
                                        "voluntary_switches",
                                        "forced_switches",
                                        "rounds",
                                        "note",
                                        "timeline"};

TEST(ReportJson, HasEveryKeyOfAReportThatIsEmpty) {
  const auto document = parsed(write_json({}));

  const std::vector<std::string> expected{
      "function", "args",  "are_args_generated", "machine", "calls",
      "arms",     "fits",  "crossing",           "copying", "causes",
      "remarks",  "notes", "has_verdict",        "verdict", "seconds",
      "command"};
  EXPECT_EQ(keys_of(document.root()), expected);
  EXPECT_EQ(raw_of(*document.root().find("crossing"), "call_seconds"), "null");
}

TEST(ReportJson, GivesArgumentsAsTheyWereWritten) {
  Report report;
  report.arguments = {R"({"a":3.0,"b":12345678901234567890123})", R"({"a":"<\u00fc>"})"};

  const auto document = parsed(write_json(report));

  EXPECT_EQ(raw_of(document.root(), "args"),
            R"([{"a":3.0,"b":12345678901234567890123},{"a":"<\u00fc>"}])");
}

TEST(ReportJson, WritesEveryFigureOfAnArm) {
  const auto document = parsed(write_json(one_arm({.arm = {ArmKind::threads_nogil, 4},
                                                   .note = "steady",
                                                   .rounds = 31,
                                                   .seconds = Interval{1.25, 1.0, 1.5},
                                                   .speedup = Interval{3.5, 3.25, 3.75},
                                                   .speedup_over_best = Interval{2.5, 2.25, 2.75},
                                                   .startup_seconds = 0.001,
                                                   .pss_mb = 42.5,
                                                   .cpu_seconds = 4.75,
                                                   .copied_bytes_per_call = 120,
                                                   .queue_wait_seconds = 0.002,
                                                   .collector_seconds = 0.003,
                                                   .voluntary_switches = 7,
                                                   .forced_switches = 9,
                                                   .timeline = {{1ms, 2500us, 3}}})));

  const json::View arm = document.root().find("arms")->items().at(0);
  EXPECT_EQ(keys_of(arm), kArmKeys);
  EXPECT_EQ(arm.raw(),
            R"({"name":"threads_nogil","workers":4,)"
            R"("seconds":{"median":1.25,"low":1.0,"high":1.5},)"
            R"("speedup":{"median":3.5,"low":3.25,"high":3.75},)"
            R"("speedup_over_best":{"median":2.5,"low":2.25,"high":2.75},)"
            R"("startup_seconds":0.001,"pss_mb":42.5,"cpu_seconds":4.75,)"
            R"("copied_bytes_per_call":120.0,"queue_wait_seconds":0.002,)"
            R"("collector_seconds":0.003,"voluntary_switches":7.0,"forced_switches":9.0,)"
            R"("rounds":31,"note":"steady","timeline":[[0.001,0.0025,3]]})");
}

TEST(ReportJson, SaysNullOfWhatWasNotMeasured) {
  const auto document =
      parsed(write_json(one_arm({.arm = {ArmKind::subinterpreters, 2}, .note = "no numpy there"})));

  const json::View arm = document.root().find("arms")->items().at(0);
  EXPECT_EQ(keys_of(arm), kArmKeys);
  for (const auto key : {"seconds", "speedup", "speedup_over_best", "startup_seconds", "pss_mb",
                         "cpu_seconds", "copied_bytes_per_call", "queue_wait_seconds",
                         "collector_seconds", "voluntary_switches", "forced_switches"}) {
    EXPECT_EQ(raw_of(arm, key), "null") << key;
  }
  EXPECT_EQ(raw_of(arm, "note"), R"("no numpy there")");
}

TEST(ReportJson, RoundsToFiveDigitsThatMatter) {
  const auto document = parsed(write_json(one_arm({.arm = {ArmKind::serial, 1},
                                                   .startup_seconds = 0.000123456789,
                                                   .pss_mb = 1234.56789,
                                                   .copied_bytes_per_call = 4'000'000})));

  const json::View arm = document.root().find("arms")->items().at(0);
  EXPECT_EQ(raw_of(arm, "startup_seconds"), "0.00012346");
  EXPECT_EQ(raw_of(arm, "pss_mb"), "1234.6");
  EXPECT_EQ(arm.find("copied_bytes_per_call")->as_double(), 4e6);
}

TEST(ReportJson, HasNoNumberThatIsNotFinite) {
  Report report;
  report.fits.push_back({.kind = ArmKind::processes,
                         .serial_share = std::numeric_limits<double>::quiet_NaN(),
                         .best_workers = std::numeric_limits<double>::infinity()});

  const auto document = parsed(write_json(report));

  EXPECT_EQ(raw_of(document.root(), "fits"),
            R"({"processes":{"serial_share":null,"contention":null,"coherency":null,)"
            R"("best_workers":null}})");
}

TEST(ReportJson, WritesWhatWasFoundOut) {
  Report report{.function = "f",
                .arguments = {},
                .crossing = {.call_seconds = 0.5, .argument_bytes = 2'000, .sentence = "they win"},
                .causes = {{"lock", "`A`", "waited 40 %", "shorten it"}},
                .remarks = {{ArmKind::threads_nogil, true, "2 times"},
                            {ArmKind::processes, false, "60 MB more"}},
                .has_verdict = false,
                .verdict = "No verdict.",
                .notes = {"left out"},
                .seconds = 31.5,
                .command = "atonce compare 'a b.py::f'"};
  report.fits.push_back({.kind = ArmKind::threads_nogil,
                         .serial_share = 0.25,
                         .contention = 0.125,
                         .coherency = 0.5,
                         .best_workers = 3});
  report.copying = {{0, 2e-5}, {1'000, 3e-5}};

  const auto document = parsed(write_json(report));
  const json::View root = document.root();

  EXPECT_EQ(raw_of(root, "fits"), R"({"threads_nogil":{"serial_share":0.25,"contention":0.125,)"
                                  R"("coherency":0.5,"best_workers":3.0}})");
  EXPECT_EQ(raw_of(root, "crossing"),
            R"({"call_seconds":0.5,"argument_bytes":2000.0,"sentence":"they win"})");
  EXPECT_EQ(root.find("copying")->items().at(1).items().at(0).as_double(), 1'000);
  EXPECT_EQ(root.find("copying")->items().at(1).items().at(1).as_double(), 3e-5);
  EXPECT_EQ(raw_of(root, "causes"), R"([{"kind":"lock","subject":"`A`","evidence":"waited 40 %",)"
                                    R"("advice":"shorten it"}])");
  EXPECT_EQ(raw_of(root, "remarks"), R"([{"name":"threads_nogil","is_pro":true,"text":"2 times"},)"
                                     R"({"name":"processes","is_pro":false,"text":"60 MB more"}])");
  EXPECT_EQ(raw_of(root, "notes"), R"(["left out"])");
  EXPECT_EQ(raw_of(root, "has_verdict"), "false");
  EXPECT_EQ(raw_of(root, "verdict"), R"("No verdict.")");
  EXPECT_EQ(raw_of(root, "seconds"), "31.5");
  EXPECT_EQ(root.find("command")->as_string(), "atonce compare 'a b.py::f'");
}

TEST(ReportJson, DescribesTheMachine) {
  const Report report{.function = "f",
                      .arguments = {},
                      .machine = {.processor = "A \"fast\" one",
                                  .cores = 4,
                                  .physical_cores = 2,
                                  .memory_mb = 16'000,
                                  .system = "Linux 6.1",
                                  .atonce = "0.5",
                                  .python = "3.13.5 free-threaded",
                                  .ordinary_python = "3.11.2",
                                  .load_before = 0.25,
                                  .load_after = 1.5,
                                  .used_by_others = 0.125}};

  const auto document = parsed(write_json(report));

  EXPECT_EQ(raw_of(document.root(), "machine"),
            R"({"processor":"A \"fast\" one","cores":4,"physical_cores":2,"memory_mb":16000.0,)"
            R"("system":"Linux 6.1","atonce":"0.5","python":"3.13.5 free-threaded",)"
            R"("ordinary_python":"3.11.2","load_before":0.25,"load_after":1.5,)"
            R"("used_by_others":0.125})");
}

TEST(ReportJson, StaysJsonWhateverANoteHolds) {
  const auto document = parsed(write_json(
      one_arm({.arm = {ArmKind::processes, 2}, .note = "Traceback:\n\"a\" \x1b[31m <b> \xff"})));

  const json::View arm = document.root().find("arms")->items().at(0);
  EXPECT_EQ(arm.find("note")->as_string(), "Traceback:\n\"a\" \x1b[31m <b> \uFFFD");
}

}  // namespace
}  // namespace atonce::compare
