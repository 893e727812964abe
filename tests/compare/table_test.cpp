#include "compare/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/terminal_text.h"

namespace atonce::compare {
namespace {

ArmReport arm_of(ArmKind kind, std::size_t workers, double seconds, double speedup) {
  return {.arm = {kind, workers},
          .rounds = 24,
          .seconds = Interval{seconds, 0.98 * seconds, 1.02 * seconds},
          .speedup = Interval{speedup, 0.97 * speedup, 1.03 * speedup},
          .speedup_over_best = Interval{speedup, 0.97 * speedup, 1.03 * speedup},
          .startup_seconds = is_processes(kind) ? 0.184 : 0.0003,
          .pss_mb = is_processes(kind) ? 60.0 * static_cast<double>(workers) : 41,
          .cpu_seconds = 1.21,
          .copied_bytes_per_call = is_processes(kind) ? 312 : 0,
          .queue_wait_seconds = 0.0021,
          .collector_seconds = 0.00012,
          .voluntary_switches = 14,
          .forced_switches = 92};
}

// What a machine of two cores might say, beside an ordinary Python or not.
Report example(bool has_ordinary = true) {
  Report report{.function = "examples/meetup.py::find_similar_talks",
                .arguments = {R"({"title":"Python without a GIL","most":5})"},
                .are_arguments_generated = true,
                .calls = 64,
                .machine = {.processor = "Intel(R) Xeon(R) Processor @ 2.60GHz",
                            .cores = 2,
                            .physical_cores = 1,
                            .system = "Linux 6.1.0 x86_64",
                            .python = "3.13.5 free-threaded",
                            .ordinary_python = has_ordinary ? "3.11.2" : "",
                            .used_by_others = 0.034}};
  report.arms = {arm_of(ArmKind::serial, 1, 1.2, 1),
                 arm_of(ArmKind::threads_gil, 1, 1.21, 0.99),
                 arm_of(ArmKind::threads_gil, 2, 1.3, 0.92),
                 arm_of(ArmKind::threads_nogil, 1, 1.2, 1.0),
                 arm_of(ArmKind::threads_nogil, 2, 0.622, 1.93),
                 {.arm = {ArmKind::threads_nogil, 4}, .note = "left out for want of time"},
                 arm_of(ArmKind::processes, 1, 1.25, 0.96),
                 arm_of(ArmKind::processes, 2, 0.64, 1.87)};
  for (const std::size_t workers : {1U, 2U, 4U}) {
    report.arms.push_back({.arm = {ArmKind::subinterpreters, workers},
                           .note = "cannot import `numpy`: module numpy does not support loading "
                                   "in subinterpreters"});
  }
  if (has_ordinary) {
    report.arms.push_back(arm_of(ArmKind::python_serial, 1, 0.7, 1));
    report.arms.push_back(arm_of(ArmKind::python_processes, 2, 0.361, 1.94));
    for (ArmReport& arm : report.arms) {
      if (!arm.speedup_over_best || is_ordinary(arm.arm.kind)) continue;
      for (double Interval::* part : {&Interval::median, &Interval::low, &Interval::high}) {
        (*arm.speedup_over_best).*part *= 0.583;
      }
    }
  }
  report.arms[2].speedup.reset();
  report.arms[2].speedup_over_best.reset();
  report.arms[2].note = "too noisy to tell (0.60 to 1.30 times)";
  report.fits = {{.kind = ArmKind::threads_nogil,
                  .serial_share = 0.036,
                  .contention = 0.031,
                  .coherency = 0.0024,
                  .best_workers = 20.1}};
  report.crossing.sentence =
      "processes win from 3.40 s a call, as long as arguments and result "
      "together stay below 210 kB";
  report.causes = {{"reference_count", "`TALKS` (meetup.py)",
                    "with a copy of its own for each thread it is 1.40 times as fast",
                    "give each thread a copy, or hand it over as an argument"}};
  report.remarks = {{ArmKind::threads_nogil, true,
                     "1.93 times (1.88 to 1.97) as fast as one "
                     "after another on 2 workers"},
                    {ArmKind::threads_nogil, false,
                     "the function must be safe to run beside "
                     "itself: `atonce check` looks for that"},
                    {ArmKind::processes, false, "184 ms until its workers are there"}};
  report.notes = {"a call takes 19.0 ms: there was no time for every number of workers"};
  report.verdict =
      "Take threads, GIL off on 2 workers: 1.93 times (1.88 to 1.97) as fast as one "
      "after another; processes reach 1.87 times and take 120 MB where these take 41.";
  report.seconds = 29.6;
  report.command =
      "atonce compare examples/meetup.py::find_similar_talks --args "
      "'{\"title\":\"Python without a GIL\",\"most\":5}' --budget 30";
  return report;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The first line with all of these in this order.
std::string line_with(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& line : lines_of(text)) {
    std::size_t at = 0;
    const bool has_all = std::ranges::all_of(parts, [&](const std::string& part) {
      at = line.find(part, at);
      return at != std::string::npos && (at += part.size(), true);
    });
    if (has_all) return line;
  }
  return "no such line in:\n" + text;
}

bool has_line(const std::string& text, const std::vector<std::string>& parts) {
  return !line_with(text, parts).starts_with("no such line");
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Table, HasARowForAnArmWithItsFigures) {
  const std::string text = draw_table(example(false), {.width = 80});

  EXPECT_TRUE(line_with(text, {"one after another", "1", "1.20 s", "2.0 %", "1.00 (0.97-1.03)"})
                  .starts_with("one after another  "));
  // The name stands at the first row of its kind only.
  EXPECT_TRUE(line_with(text, {"622 ms", "2.0 %", "1.93 (1.87-1.99)"}).starts_with("     "));
}

TEST(Table, SetsFiguresOfAColumnBelowEachOther) {
  const std::string text = draw_table(example(false), {.width = 80});

  const auto end_of = [&](const std::vector<std::string>& parts) {
    const std::string line = line_with(text, parts);
    return columns_of(line.substr(0, line.find(parts.back()) + parts.back().size()));
  };
  EXPECT_EQ(end_of({"1.20 s", "1.00 (0.97-1.03)"}), end_of({"622 ms", "1.93 (1.87-1.99)"}));
  EXPECT_EQ(end_of({"workers", "times as fast"}), end_of({"622 ms", "1.93 (1.87-1.99)"}));
}

TEST(Table, KeepsToTheWidthOfTheTerminal) {
  for (const std::size_t width : {40U, 60U, 80U, 96U, 100U, 140U, 200U}) {
    for (const bool unicode : {false, true}) {
      const Report report = example();
      const auto lines = lines_of(draw_table(report, {.width = width, .unicode = unicode}));
      for (const std::string& line : lines) {
        if (line.find(report.command) != std::string::npos) continue;
        EXPECT_LE(columns_of(line), width) << line;
      }
    }
  }
}

TEST(Table, DrawsBarsAsLongAsTheGain) {
  const std::string text =
      draw_table(example(false), {.width = 80, .colour = false, .unicode = false});

  const std::size_t one = count_of(line_with(text, {"one after another", "1.00 ("}), "#");
  const std::size_t two = count_of(line_with(text, {"622 ms"}), "#");
  EXPECT_GE(two, 15);
  EXPECT_NEAR(static_cast<double>(two) / static_cast<double>(one), 1.93, 0.15);
  // One after another is marked where a bar does not reach it.
  EXPECT_TRUE(line_with(text, {"processes", "0.96 ("}).ends_with("|"));
}

TEST(Table, HasRoomForBarsOnTheNarrowestUsualTerminal) {
  for (const bool has_ordinary : {false, true}) {
    for (const bool unicode : {false, true}) {
      const std::string text =
          draw_table(example(has_ordinary), {.width = 80, .colour = false, .unicode = unicode});
      EXPECT_GE(count_of(line_with(text, {"622 ms"}), unicode ? "\u2588" : "#"), 4);
    }
  }
}

TEST(Table, DrawsOnlyAsciiWhereTheTerminalHasNoMore) {
  const std::string text = draw_table(example(), {.width = 100, .colour = false, .unicode = false});

  EXPECT_TRUE(std::ranges::all_of(text, [](char byte) { return byte >= 0; }));
  EXPECT_NE(draw_table(example(), {.width = 100}).find("\u2588"), std::string::npos);
}

TEST(Table, MeasuresAgainstTheFastestPythonWhereThereIsAnother) {
  const std::string beside = draw_table(example(true), {.width = 80});
  const std::string alone = draw_table(example(false), {.width = 80});

  EXPECT_TRUE(has_line(beside, {"622 ms", "1.93 (1.87-1.99)", "1.13"}));
  EXPECT_TRUE(has_line(beside, {"times as fast", "best"}));
  EXPECT_FALSE(has_line(alone, {"times as fast", "best"}));
  const std::string wide = draw_table(example(true), {.width = 100});
  EXPECT_TRUE(has_line(wide, {"622 ms", "1.93 (1.87-1.99)", "1.13 (1.09-1.16)"}));
}

TEST(Table, GivesTheNoteWhereThereAreNoFigures) {
  const std::string text = draw_table(example(), {.width = 80});

  EXPECT_TRUE(has_line(text, {"4", "left out for want of time"}));
}

TEST(Table, GivesTheSameNoteOfAKindOnce) {
  const std::string text = draw_table(example(), {.width = 120});

  EXPECT_EQ(count_of(text, "cannot import `numpy`"), 1);
  EXPECT_TRUE(has_line(text, {"subinterpreters", "1 to 4", "cannot import `numpy`"}));
}

TEST(Table, KeepsTheFiguresThatAreSoundBesideANote) {
  const std::string text = draw_table(example(), {.width = 80});

  EXPECT_TRUE(has_line(text, {"2", "1.30 s", "-"}));
  EXPECT_EQ(count_of(text, "too noisy to tell (0.60 to 1.30 times)"), 1);
}

TEST(Table, TellsWhatEachArmCosts) {
  const std::string text = draw_table(example(false), {.width = 80});

  EXPECT_TRUE(has_line(text, {"workers", "CPU time", "memory", "start-up", "copied/call"}));
  EXPECT_TRUE(has_line(text, {"2", "1.21 s", "120 MB", "184 ms", "312 bytes"}));
  EXPECT_TRUE(has_line(draw_table(example(false), {.width = 140}),
                       {"2", "120 MB", "312 bytes", "2.10 ms", "120 us", "14", "92"}));
}

TEST(Table, ExplainsTheColumnsThatAreThere) {
  const std::string narrow = draw_table(example(false), {.width = 80});
  const std::string wide = draw_table(example(false), {.width = 140});

  EXPECT_EQ(count_of(narrow, "losses"), 0);
  EXPECT_EQ(count_of(wide, "losses"), 2);  // its head, and what it means
}

TEST(Table, LeavesOutColumnsThatNobodyMeasured) {
  Report report = example(false);
  for (ArmReport& arm : report.arms) arm.pss_mb.reset();

  const std::string text = draw_table(report, {.width = 100});

  EXPECT_FALSE(has_line(text, {"CPU time", "memory"}));
  EXPECT_GE(count_of(text, "start-up"), 1);
}

TEST(Table, NamesAKindInTheCostsWhoseFirstRowHasNoFigures) {
  Report report;
  report.arms = {{.arm = {ArmKind::processes, 1}, .note = "no time"},
                 arm_of(ArmKind::processes, 2, 1, 1)};

  const std::string text = draw_table(report, {.width = 80});

  EXPECT_TRUE(line_with(text, {"2", "120 MB"}).starts_with("processes"));
}

TEST(Table, SaysWhatItFoundAndTheVerdictLast) {
  const Report report = example();
  const std::string text = draw_table(report, {.width = 200});

  std::size_t at = 0;
  for (const std::string& part :
       {std::string("its reference count: `TALKS` (meetup.py)"), report.causes[0].evidence,
        report.causes[0].advice, report.crossing.sentence, "+ " + report.remarks[0].text,
        "- " + report.remarks[1].text, report.notes[0], report.command, report.verdict}) {
    const std::size_t found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << "\nin\n" << text;
    at = found + part.size();
  }
  EXPECT_EQ(text.substr(at), "\n");
}

TEST(Table, ShowsNoRatioAndNoBarWhenNoneIsSound) {
  Report report = example(false);
  for (ArmReport& arm : report.arms) arm.speedup.reset(), arm.speedup_over_best.reset();
  report.has_verdict = false;
  report.verdict = "No verdict: the figures vary too much.";

  const std::string text = draw_table(report, {.width = 100});

  EXPECT_FALSE(has_line(text, {"workers", "times as fast"}));
  EXPECT_EQ(count_of(text, "\u2588"), 0);
  EXPECT_GE(count_of(text, "622 ms"), 1);
  EXPECT_TRUE(text.ends_with("\n" + report.verdict + "\n"));
}

TEST(Table, LetsNoTextOfTheToolSteerTheTerminal) {
  Report report;
  report.function = "a\x1b]0;title\a";
  report.arguments = {"{\"a\":\n\"b\"}"};
  report.arms = {{.arm = {ArmKind::serial, 1}, .note = "raised\n\x1b[2Jgone"}};
  report.notes = {"\x1b[31mred"};

  const std::string text = draw_table(report, {.width = 80});

  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\a'), std::string::npos);
  EXPECT_NE(text.find("raised [2Jgone"), std::string::npos);
}

// What is left when the escapes are taken out.
std::string without_colours(std::string text) {
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  return text;
}

TEST(Table, SaysTheSameWithColoursAndWithout) {
  const std::string coloured = draw_table(example(), {.width = 90, .colour = true});

  EXPECT_NE(coloured.find("\033[32m\u2588"), std::string::npos);
  EXPECT_EQ(without_colours(coloured), draw_table(example(), {.width = 90}));
}

TEST(Table, IsThereForAReportWithNothingInIt) {
  EXPECT_NE(draw_table({}, {.width = 80}).find("0 calls a round"), std::string::npos);
}

TEST(Bars, ShowTheFastestArmOfEachKind) {
  const std::string text = draw_bars(example(false), {.width = 80});

  const auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 4) << text;
  EXPECT_TRUE(lines[2].starts_with("threads, GIL off"));
  EXPECT_TRUE(lines[2].ends_with("1.93 times"));
  EXPECT_NE(lines[2].find(" on   2 "), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST(Bars, LeaveTheLastColumnFreeSoThatNoLineIsWrapped) {
  for (const std::size_t width : {44U, 50U, 80U, 100U, 150U}) {
    const auto lines = lines_of(draw_bars(example(), {.width = width}));
    EXPECT_FALSE(lines.empty()) << width;
    for (const std::string& line : lines) EXPECT_LT(columns_of(line), width) << line;
  }
}

TEST(Bars, AreNotThereBeforeThereAreFiguresOrWithoutRoom) {
  EXPECT_EQ(draw_bars({}, {.width = 80}), "");
  EXPECT_EQ(draw_bars(example(), {.width = 20}), "");
}

}  // namespace
}  // namespace atonce::compare
