#include "check/report_json.h"

#include <gtest/gtest.h>

#include "check/parsed.h"
#include "check/reports.h"

namespace atonce::check {
namespace {

using Keys = std::vector<std::string>;

const Keys kReportKeys{
    "verdict",    "subject",    "findings", "unsafe_pairs", "not_overlapped",
    "not_tested", "suppressed", "failures", "notes",        "what_cannot_be_seen",
    "pairs",      "runs",       "seconds",  "atonce",       "python"};
const Keys kFindingKeys{"kind",     "level",     "variable", "element", "confirmed",
                        "accesses", "functions", "advice",   "order",   "runs"};

TEST(ReportJson, HasEveryKeyOfAReportThatIsEmpty) {
  const auto document = parsed(write_json({}));

  EXPECT_EQ(keys_of(document.root()), kReportKeys);
  EXPECT_EQ(text_at(document.root(), "verdict"), "inconclusive");
  for (const char* key : {"findings", "unsafe_pairs", "not_overlapped", "not_tested", "suppressed",
                          "failures", "notes", "what_cannot_be_seen"}) {
    EXPECT_EQ(raw_at(document.root(), key), "[]") << key;
  }
}

TEST(ReportJson, HasTheSameKeysWhateverIsInIt) {
  const auto document = parsed(write_json(full_report()));

  EXPECT_EQ(keys_of(document.root()), kReportKeys);
  EXPECT_EQ(keys_of(value_at(document.root(), "findings/0")), kFindingKeys);
}

TEST(ReportJson, TellsAFindingWithItsAccesses) {
  const auto document = parsed(write_json(full_report()));
  const json::View finding = value_at(document.root(), "findings/0");

  EXPECT_EQ(text_at(finding, "kind"), "lost_update");
  EXPECT_EQ(text_at(finding, "level"), "error");
  EXPECT_EQ(text_at(finding, "variable"), "bank.balance");
  EXPECT_EQ(text_at(finding, "element"), "'eur'");
  EXPECT_EQ(raw_at(finding, "functions"), R"(["pay","read"])");
  EXPECT_EQ(text_at(finding, "advice"), "hold one lock");
  EXPECT_EQ(text_at(finding, "order"), "nothing keeps them apart");
  EXPECT_EQ(raw_at(finding, "runs"), "2");
  EXPECT_EQ(value_at(finding, "accesses").items().size(), 3U);
  EXPECT_EQ(raw_at(finding, "accesses/0"),
            R"({"op":"write","file":"/home/ada/bank.py","line":12,"function":"pay",)"
            R"("thread":"call-2 pay","call":"pay","locks":["lock"],"text":"balance"})");
  EXPECT_EQ(raw_at(finding, "accesses/1/locks"), "[]");
}

TEST(ReportJson, SaysOfAGuessThatItIsNotConfirmed) {
  const Report report{.subject = {},
                      .findings = {reported(lost_update()), reported(as_guess(check_then_act()))}};

  const auto document = parsed(write_json(report));

  EXPECT_EQ(raw_at(document.root(), "findings/0/confirmed"), "true");
  EXPECT_EQ(raw_at(document.root(), "findings/1/confirmed"), "false");
}

TEST(ReportJson, HasTheDetectorsMessageWhereThereIsOne) {
  Finding finding = lost_update();
  finding.message = "seen once";

  const auto document =
      parsed(write_json({.subject = {}, .findings = {reported(std::move(finding))}}));

  EXPECT_EQ(text_at(document.root(), "findings/0/message"), "seen once");
}

TEST(ReportJson, TellsWhatIsAllowedByWhichCommentAndWhy) {
  const auto document = parsed(write_json(full_report()));
  const json::View allowed = value_at(document.root(), "suppressed/0");

  Keys expected = kFindingKeys;
  expected.insert(expected.end(), {"reason", "file", "line"});
  EXPECT_EQ(keys_of(allowed), expected);
  EXPECT_EQ(text_at(allowed, "kind"), "data_race");
  EXPECT_EQ(text_at(allowed, "reason"), "only shown");
  EXPECT_EQ(text_at(allowed, "file"), kBank);
  EXPECT_EQ(raw_at(allowed, "line"), "22");
}

TEST(ReportJson, TellsWhatWasNotTestedAndWhy) {
  const auto document = parsed(write_json(full_report()));

  EXPECT_EQ(raw_at(document.root(), "unsafe_pairs"), R"([["pay","read"]])");
  EXPECT_EQ(raw_at(document.root(), "not_overlapped"), R"([["read","save"]])");
  EXPECT_EQ(raw_at(document.root(), "not_tested"),
            R"([{"functions":["odd"],"why":"no arguments could be made for it"}])");
}

TEST(ReportJson, TellsOfAFailureTheArgumentsAsTheyAreOrNull) {
  const auto document = parsed(write_json(full_report()));

  EXPECT_EQ(raw_at(document.root(), "failures"),
            R"([{"calls":[{"name":"save","args":{"n": 1.0}},{"name":"read","args":null}],)"
            R"("what":"did not end within 5 s"}])");
}

TEST(ReportJson, HasItsFiguresAndVersions) {
  const auto document = parsed(write_json(full_report()));

  EXPECT_EQ(raw_at(document.root(), "pairs"), "6");
  EXPECT_EQ(raw_at(document.root(), "runs"), "36");
  EXPECT_EQ(raw_at(document.root(), "seconds"), "1.235");
  EXPECT_EQ(text_at(document.root(), "atonce"), "0.1.0");
  EXPECT_EQ(text_at(document.root(), "python"), "3.13.5 free-threaded");
}

TEST(ReportJson, StaysJsonWhateverTheTextsHold) {
  Finding finding = lost_update();
  finding.variable = finding.accesses[0].text = "\"\\\n\x01\xff";
  Report report = full_report();
  report.findings = {reported(std::move(finding))};
  report.failures[0].calls[0].arguments = "{\"n\": \xff}";

  const auto document = parsed(write_json(report));

  EXPECT_EQ(text_at(document.root(), "findings/0/variable"), "\"\\\n\x01\uFFFD");
  EXPECT_EQ(raw_at(document.root(), "failures/0/calls/0/args"), "null");
}

}  // namespace
}  // namespace atonce::check
