// gcc 12 takes <regex> for uninitialized where a sanitizer is on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "compare/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <regex>
#include <set>

#include "base/json.h"
#include "compare/markup.h"
#include "compare/report_json.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

ArmReport arm_of(ArmKind kind, std::size_t workers, double seconds, double speedup) {
  ArmReport arm{.arm = {kind, workers},
                .rounds = 24,
                .seconds = Interval{seconds, 0.98 * seconds, 1.02 * seconds},
                .speedup = Interval{speedup, 0.97 * speedup, 1.03 * speedup},
                .speedup_over_best = Interval{speedup, 0.97 * speedup, 1.03 * speedup},
                .startup_seconds = is_processes(kind) ? 0.184 : 0.0003,
                .pss_mb = is_processes(kind) ? 60.0 * static_cast<double>(workers) : 41};
  for (std::size_t call = 0; call < 4; ++call) {
    arm.timeline.push_back(
        {.started = 10ms * call, .ended = 10ms * (call + 1), .lane = call % workers});
  }
  return arm;
}

Report example() {
  Report report{
      .function = "tools.py::fib",
      .arguments = {R"({"n":20})"},
      .calls = 4,
      .machine = {.processor = "A processor", .cores = 2, .python = "3.13.5"},
      .arms = {arm_of(ArmKind::serial, 1, 1.2, 1), arm_of(ArmKind::threads_nogil, 1, 1.21, 0.99),
               arm_of(ArmKind::threads_nogil, 2, 0.622, 1.93),
               arm_of(ArmKind::processes, 1, 1.25, 0.96),
               arm_of(ArmKind::processes, 2, 0.64, 1.87)},
      .copying = {{0, 0.00004}, {1'000, 0.00005}, {4'000'000, 0.005}},
      .verdict = "Take threads.",
      .command = "atonce compare tools.py::fib"};
  report.arms[3].copied_bytes_per_call = 312;
  return report;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string embedded(const std::string& page) {
  const std::string open = R"(<script type="application/json" id="report">)";
  const std::size_t from = page.find(open) + open.size();
  return page.substr(from, page.find("</script>", from) - from);
}

TEST(Markup, EscapesWhatHtmlWouldReadAsItsOwn) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
  EXPECT_EQ(escaped("a\nb\tc"), "a\nb\tc");
}

TEST(Markup, ReplacesBytesThatNoPageMayHold) {
  EXPECT_EQ(escaped("\x1b[31m"), "\xef\xbf\xbd[31m");
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(escaped("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xc3\xbc"), "\xc3\xbc");
}

TEST(Markup, ShowsWhatStandsBetweenBackticksAsCode) {
  EXPECT_EQ(prose("a lock: `<D>` here"), "a lock: <code>&lt;D&gt;</code> here");
  EXPECT_EQ(prose("one ` alone"), "one ` alone");
  EXPECT_EQ(prose("`a` and `b`"), "<code>a</code> and <code>b</code>");
}

TEST(Page, SaysTheVerdictBeforeAllElse) {
  const std::string page = write_page(example());

  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_LT(page.find("class=\"verdict\">Take threads.</p>"), page.find("<section"));
  EXPECT_LT(page.find("tools.py::fib"), page.find("<section"));
}

TEST(Page, MarksAVerdictThatIsNone) {
  Report report = example();
  report.has_verdict = false;

  EXPECT_EQ(count_of(write_page(report), "class=\"verdict none\""), 1);
}

TEST(Page, AsksNothingOfANetworkAndNeedsNoScript) {
  const std::string page = write_page(example());

  EXPECT_EQ(count_of(page, "<script"), 1);  // the JSON
  EXPECT_FALSE(std::regex_search(page, std::regex(R"((src|href)\s*=|url\((?!#)|@import|https?:)")));
}

TEST(Page, CarriesTheReportAsJson) {
  const Report report = example();

  EXPECT_EQ(embedded(write_page(report)), write_json(report));
}

TEST(Page, KeepsTheJsonWholeWhateverTheTextsHold) {
  Report report = example();
  report.arguments = {R"({"html":"</script><b>"})"};
  report.notes = {"<!--<script>"};

  const std::string json = embedded(write_page(report));
  const auto document = json::Document::parse(json);

  ASSERT_TRUE(document) << json;
  EXPECT_EQ(document->root().find("notes")->items()[0].as_string(), "<!--<script>");
  EXPECT_EQ(document->root().find("args")->items()[0].find("html")->as_string(), "</script><b>");
}

TEST(Page, EscapesTextsOfTheUser) {
  const std::string evil = "</p><img src=x onerror=alert(1)>&\"'";
  Report report = example();
  report.function = report.command = report.verdict = report.crossing.sentence = evil;
  report.arguments = {json::quoted(evil)};
  report.arms[0].note = evil;
  report.arms.push_back({.arm = {ArmKind::subinterpreters, 2}, .note = evil});
  report.causes = {{evil, evil, evil, evil}};
  report.remarks = {{ArmKind::processes, true, evil}};
  report.notes = {evil};
  report.machine.processor = report.machine.system = report.machine.python = evil;
  report.machine.atonce = report.machine.ordinary_python = evil;

  const std::string page = write_page(report);

  EXPECT_EQ(count_of(page, "<img"), 0);
  EXPECT_GE(count_of(page, "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;"), 15);
}

TEST(Page, DrawsEveryPlotWithAName) {
  const std::string page = write_page(example());

  std::set<std::string> ids;
  const std::regex plot(R"rx(<svg id="([a-z_-]+)")rx");
  for (std::sregex_iterator match(page.begin(), page.end(), plot); match != std::sregex_iterator();
       ++match) {
    ids.insert((*match)[1]);
  }
  EXPECT_EQ(ids, (std::set<std::string>{"gain", "speedup", "memory", "startup", "copying",
                                        "timeline-serial", "timeline-threads_nogil",
                                        "timeline-processes"}));
  EXPECT_EQ(count_of(page, "<summary>the numbers</summary>"), ids.size());  // a table each
}

TEST(Page, HasEachIdOnce) {
  const std::string page = write_page(example());

  std::set<std::string> ids;
  const std::regex id(R"rx( id="([^"]+)")rx");
  for (std::sregex_iterator match(page.begin(), page.end(), id); match != std::sregex_iterator();
       ++match) {
    EXPECT_TRUE(ids.insert((*match)[1]).second) << (*match)[1];
  }
}

TEST(Page, LeavesOutWhatWasNotMeasured) {
  Report report = example();
  for (ArmReport& arm : report.arms) {
    arm.speedup.reset();
    arm.speedup_over_best.reset();
    arm.pss_mb.reset();
    arm.timeline.clear();
  }
  report.copying.clear();

  const std::string page = write_page(report);

  for (const char* id : {"gain", "speedup", "memory", "copying", "timeline-serial"}) {
    EXPECT_EQ(page.find("<svg id=\"" + std::string(id)), std::string::npos) << id;
  }
  EXPECT_NE(page.find("<svg id=\"startup\""), std::string::npos);
}

TEST(Page, DrawsNoFigureThatIsNone) {
  Report report = example();
  report.arms[1].speedup->high = std::numeric_limits<double>::infinity();
  report.arms[1].speedup_over_best = report.arms[1].speedup;
  report.arms[2].pss_mb = std::numeric_limits<double>::quiet_NaN();

  const std::string page = write_page(report);

  const std::string drawn = page.substr(0, page.find("id=\"figures\""));
  EXPECT_EQ(count_of(drawn, "nan"), 0);
  EXPECT_EQ(count_of(drawn, "inf"), 0);
}

TEST(Page, IsWholeForAReportThatIsEmpty) {
  const std::string page = write_page({});

  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(count_of(page, "<section"), count_of(page, "</section>"));
  EXPECT_EQ(count_of(page, "<figure"), 0);
}

TEST(Page, GivesTheNoteOfArmsWithoutFiguresOnce) {
  Report report = example();
  for (const std::size_t workers : {1U, 2U, 4U}) {
    report.arms.push_back({.arm = {ArmKind::subinterpreters, workers}, .note = "no numpy there"});
  }

  const std::string page = write_page(report);

  const std::string shown = page.substr(0, page.find("application/json"));
  EXPECT_EQ(count_of(shown, "no numpy there"), 1);
  EXPECT_EQ(count_of(shown, "subinterpreters, 1 to 4 workers"), 1);
}

TEST(Page, ShowsOfEachKindTheArmThatIsFastest) {
  Report report = example();
  report.arms.push_back(arm_of(ArmKind::threads_nogil, 4, 0.61, 1.96));  // hardly faster

  const std::string page = write_page(report);

  const std::string drawn = page.substr(page.find("<svg id=\"gain\""));
  const std::string bars = drawn.substr(0, drawn.find("</svg>"));
  EXPECT_EQ(count_of(bars, R"(data-kind="serial" data-workers="1")"), 1);
  EXPECT_EQ(count_of(bars, R"(data-kind="threads_nogil" data-workers="2")"), 1);
  EXPECT_EQ(count_of(bars, R"(data-kind="processes" data-workers="2")"), 1);
  EXPECT_EQ(count_of(bars, "data-kind="), 3);
}

TEST(Page, DrawsManyWorkersOnALogarithmicAxis) {
  Report report = example();
  report.machine.cores = 64;
  for (const std::size_t workers : {4U, 8U, 16U, 32U, 64U, 128U}) {
    report.arms.push_back(
        arm_of(ArmKind::threads_nogil, workers, 0.1, 0.8 * static_cast<double>(workers)));
  }

  const std::string page = write_page(report);
  const std::string from = page.substr(page.find("<svg id=\"speedup\""));
  const std::string plot = from.substr(0, from.find("</svg>"));

  // From each count to the next it is as far.
  std::vector<double> places;
  const std::regex point(R"rx(translate\(([\d.]+) [\d.]+\)" data-kind="threads_nogil")rx");
  for (std::sregex_iterator match(plot.begin(), plot.end(), point); match != std::sregex_iterator();
       ++match) {
    places.push_back(std::stod((*match)[1]));
  }
  ASSERT_EQ(places.size(), 8);
  for (std::size_t at = 2; at < places.size(); ++at) {
    EXPECT_NEAR(places[at] - places[at - 1], places[1] - places[0], 0.2);
  }
}

}  // namespace
}  // namespace atonce::compare
