#include "check/report_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <ranges>

#include "base/terminal_text.h"
#include "check/parsed.h"
#include "check/reports.h"

namespace atonce::check {
namespace {

const std::map<int, std::string> kLines{{11, "    old = balance[key]"},
                                        {12, "    balance[key] = old + amount"}};

std::string drawn(const Report& report, const TextStyle& style = {},
                  const std::map<int, std::string>& lines = kLines) {
  Sources sources = bank_with(lines);
  return draw_report(report, style, sources);
}

Report report_of(Finding finding) { return {.subject = {}, .findings = {{std::move(finding)}}}; }

TEST(ReportText, HasABlockForAFindingThenWhatWasNotTestedAndTheVerdictLast) {
  EXPECT_EQ(drawn(full_report(), {.width = 80, .root = "/home/ada"}),
            "error: lost update: bank.balance['eur']\n"
            "  bank.py:12 in pay\n"
            "      balance[key] = old + amount\n"
            "    call-2 pay writes `balance`, holding `lock`\n"
            "  bank.py:11 in pay\n"
            "      old = balance[key]\n"
            "    call-1 pay reads `balance`, holding no lock\n"
            "  bank.py:12 in pay\n"
            "      balance[key] = old + amount\n"
            "    call-1 pay writes `balance`, holding no lock\n"
            "  calls:  `pay`, `read`\n"
            "  order:  nothing keeps them apart\n"
            "  advice: hold one lock\n"
            "\n"
            "failed: `save` with {\"n\": 1.0} and `read`: did not end within 5 s\n"
            "not tested: `odd`: no arguments could be made for it\n"
            "not tested: `read` with `save`: their calls never ran at the same time; give\n"
            "            more --budget\n"
            "allowed: data race of `bank.balance` at bank.py:22: only shown\n"
            "note: a call raised: pay: ValueError: no\n"
            "not seen: `numpy` is compiled: what it shares inside is not seen\n"
            "unsafe: `pay` with `read`\n"
            "findings: 1 error, 1 allowed by comments in 36 runs of 6 pairs, 1.2 s\n");
}

TEST(ReportText, IsOneLineWhereThereIsNothingToTell) {
  EXPECT_EQ(drawn({.subject = "bank.py", .verdict = Verdict::clean, .runs = 1, .seconds = 2}),
            "clean: 0 errors in 1 run, 2.0 s\n");
}

TEST(ReportText, CountsErrorsWarningsAndNotes) {
  const Report report{.subject = {},
                      .findings = {{lost_update()},
                                   {with_level(data_race(), Level::warning)},
                                   {with_level(data_race(), Level::warning)},
                                   {with_level(data_race(), Level::note)}}};

  EXPECT_TRUE(has(drawn(report), "inconclusive: 1 error, 2 warnings, 1 note in 0 runs, 0.0 s\n"));
}

TEST(ReportText, ShowsALineOnceForTwoAccessesOfOneThread) {
  const std::string text = drawn(report_of(lost_update(12, 12)));

  EXPECT_TRUE(has(text,
                  "      balance[key] = old + amount\n"
                  "    call-1 pay reads `balance`, holding no lock\n"
                  "    call-1 pay writes `balance`, holding no lock\n"));
}

TEST(ReportText, NamesFilesByTheirWholePathOutsideTheRoot) {
  for (const char* root : {"", "/home/ada/src", "/home/ad", "/home/bob/"}) {
    EXPECT_TRUE(has(drawn(report_of(lost_update()), {.root = root}), "  /home/ada/bank.py:12"))
        << root;
  }
  EXPECT_TRUE(has(drawn(report_of(lost_update()), {.root = "/home/ada/"}), "\n  bank.py:12"));
}

TEST(ReportText, ShowsNoLineWhereTheFileIsNotThere) {
  EXPECT_TRUE(has(drawn(report_of(lost_update(11, 12)), {}, {}),
                  "bank.py:12 in pay\n    call-2 pay writes"));
}

TEST(ReportText, SaysOfAGuessThatItIsNotConfirmed) {
  EXPECT_TRUE(has(drawn(report_of(as_guess(check_then_act()))), "  note:   not confirmed: "));
  EXPECT_FALSE(has(drawn(report_of(check_then_act())), "not confirmed"));
}

TEST(ReportText, SaysThatOneFunctionIsUnsafeBesideItself) {
  Report report = report_of(lost_update());
  report.findings[0].functions = {"pay"};
  report.unsafe_pairs = {{"pay", "pay"}};

  const std::string text = drawn(report);

  EXPECT_TRUE(has(text, "  calls:  `pay`, more than one at a time\n"));
  EXPECT_TRUE(has(text, "\nunsafe: `pay` with itself\n"));
}

TEST(ReportText, CountsThePairsThatAreTooManyToName) {
  Report report{.subject = {}};
  for (int tool = 10; tool < 40; ++tool) {
    report.unsafe_pairs.push_back(pair_of("pay", "t" + std::to_string(tool)));
  }

  const std::string text = drawn(report);

  EXPECT_TRUE(has(text, "`pay` with `t21` and 18 more"));
  EXPECT_FALSE(has(text, "t22"));
}

TEST(ReportText, KeepsToItsWidth) {
  Report report = full_report();
  report.findings[0].advice = std::string(60, 'w') + " and many more words " + std::string(90, 'x');
  const std::map<int, std::string> lines{{11, "old = " + std::string(300, 'y')}, {12, "\u00fc"}};
  for (const std::size_t width : {0, 40, 60, 200}) {
    const std::string text = drawn(report, {.width = width, .root = "/home/ada"}, lines);
    for (const auto line : std::views::split(text, '\n')) {
      const std::string_view shown(line.begin(), line.end());
      const bool is_verdict = shown.starts_with("findings: ");
      EXPECT_LE(columns_of(shown), is_verdict ? 80 : std::max<std::size_t>(width, 40)) << shown;
    }
  }
}

TEST(ReportText, SaysNothingByColourAlone) {
  const std::string plain = drawn(full_report());
  std::string coloured = drawn(full_report(), {.colour = true});

  EXPECT_FALSE(has(plain, "\033"));
  EXPECT_TRUE(has(coloured, "\033[31merror\033[0m"));
  for (std::size_t at = coloured.find('\033'); at != std::string::npos;
       at = coloured.find('\033')) {
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  }
  EXPECT_EQ(coloured, plain);
}

// In every text that is the user's: nothing in it may steer the terminal.
TEST(ReportText, TakesControlCharactersOut) {
  const std::string rude = "a\033[2Jb\nc\rd\u009b2Je\x07";
  Finding finding = lost_update();
  finding.variable = finding.element = finding.message = rude;
  for (Access& access : finding.accesses) {
    access = {rude, access.file, access.line, rude, access.thread + rude, rude, {rude}, rude};
  }
  ReportedFinding all{.finding = finding, .functions = {rude}, .order = rude, .advice = rude};
  Finding elsewhere = data_race();
  for (Access& access : elsewhere.accesses) access.file = rude;
  const Report report{.subject = rude,
                      .findings = {all, {elsewhere}},
                      .suppressed = {{.reported = all, .place = {rude, 1}, .reason = rude}},
                      .unsafe_pairs = {{rude, rude}},
                      .not_overlapped = {{rude, "b"}},
                      .not_tested = {{.functions = {rude}, .why = rude}},
                      .failures = {{.calls = {{rude, rude}}, .what = rude}},
                      .notes = {rude},
                      .what_cannot_be_seen = {rude}};

  const std::string text = drawn(report, {}, {{11, rude}, {12, "x = '" + rude + "'"}});

  for (const char each : text) EXPECT_TRUE(each == '\n' || !std::iscntrl(each & 0xFF)) << text;
  EXPECT_FALSE(has(text, "\u009b"));
}

}  // namespace
}  // namespace atonce::check
