#include "check/sarif.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "check/parsed.h"
#include "check/reports.h"

namespace atonce::check {
namespace {

const std::map<int, std::string> kLines{{11, "old = balance"}, {12, "balance = old + amount"}};

json::Document sarif_of(const Report& report, const std::string& root = "/home/ada",
                        const std::map<int, std::string>& lines = kLines) {
  Sources sources = bank_with(lines);
  return parsed(write_sarif(report, root, sources));
}

json::Document sarif_of(Finding finding) {
  return sarif_of(Report{.subject = {}, .findings = {reported(std::move(finding))}});
}

// Of the first result.
std::string fingerprint_of(Finding finding) {
  const auto document = sarif_of(std::move(finding));
  const json::View fingerprints = value_at(document.root(), "runs/0/results/0/partialFingerprints");
  const auto fingerprint = fingerprints.find("atonce/v1");
  EXPECT_TRUE(fingerprint.has_value());
  return fingerprint ? std::string(fingerprint->raw()) : "";
}

constexpr std::string_view kFirst = "runs/0/results/0/";

std::string in_first(std::string_view path) { return std::string(kFirst) + std::string(path); }

TEST(Sarif, SaysWhatItIs) {
  const auto document = sarif_of(full_report());

  EXPECT_EQ(text_at(document.root(), "version"), "2.1.0");
  EXPECT_TRUE(has(text_at(document.root(), "$schema"), "sarif-schema-2.1.0.json"));
  EXPECT_EQ(value_at(document.root(), "runs").items().size(), 1U);
  EXPECT_EQ(text_at(document.root(), "runs/0/tool/driver/name"), "atonce check");
  EXPECT_EQ(text_at(document.root(), "runs/0/tool/driver/version"), "0.1.0");
  EXPECT_EQ(text_at(document.root(), "runs/0/originalUriBaseIds/SRCROOT/uri"), "file:///home/ada/");
}

TEST(Sarif, HasARuleForEachKind) {
  const auto document = sarif_of(Report{});
  const auto rules = value_at(document.root(), "runs/0/tool/driver/rules").items();

  ASSERT_EQ(rules.size(), std::size(kKinds));
  for (std::size_t at = 0; at < rules.size(); ++at) {
    EXPECT_EQ(text_at(rules[at], "id"), kKinds[at]);
    EXPECT_NE(text_at(rules[at], "shortDescription/text"), "");
    EXPECT_NE(text_at(rules[at], "fullDescription/text"), "");
  }
  EXPECT_EQ(raw_at(document.root(), "runs/0/results"), "[]");
}

TEST(Sarif, TellsAResultByItsRuleAndLevel) {
  for (const std::string_view kind : kKinds) {
    const auto document = sarif_of(with_level(finding_of(kind, {}), Level::warning));
    const std::string index = raw_at(document.root(), in_first("ruleIndex"));

    EXPECT_EQ(text_at(document.root(), in_first("ruleId")), kind);
    EXPECT_EQ(text_at(document.root(), in_first("level")), "warning");
    EXPECT_EQ(text_at(document.root(), "runs/0/tool/driver/rules/" + index + "/id"), kind);
  }
}

TEST(Sarif, HasNoRuleForAKindThatIsNotKnown) {
  const auto document = sarif_of(finding_of("later", {}));

  EXPECT_EQ(text_at(document.root(), in_first("ruleId")), "later");
  EXPECT_EQ(raw_at(document.root(), in_first("ruleIndex")), "null");
}

TEST(Sarif, SaysInTheMessageWhatItIsWhatIsMissingAndWhatToDo) {
  const auto document = sarif_of(lost_update());

  EXPECT_EQ(text_at(document.root(), in_first("message/text")),
            "lost update of `bank.balance`\n\nnothing keeps them apart\n\nhold one lock");
}

TEST(Sarif, ShowsAResultAtItsFirstAccess) {
  const auto document = sarif_of(full_report());
  const json::View location = value_at(document.root(), in_first("locations/0"));

  EXPECT_EQ(raw_at(location, "physicalLocation"),
            R"({"artifactLocation":{"uri":"bank.py","uriBaseId":"SRCROOT"},)"
            R"("region":{"startLine":12,"snippet":{"text":"balance = old + amount"}}})");
  EXPECT_EQ(text_at(location, "logicalLocations/0/fullyQualifiedName"), "pay");
}

TEST(Sarif, ShowsTheWayOfEachThread) {
  const auto document = sarif_of(full_report());
  const auto threads = value_at(document.root(), in_first("codeFlows/0/threadFlows")).items();

  ASSERT_EQ(threads.size(), 2U);
  EXPECT_EQ(text_at(threads[0], "id"), "call-2 pay");
  EXPECT_EQ(value_at(threads[0], "locations").items().size(), 1U);
  EXPECT_EQ(text_at(threads[1], "id"), "call-1 pay");
  const auto steps = value_at(threads[1], "locations").items();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(raw_at(steps[0], "location/physicalLocation/region/startLine"), "11");
  EXPECT_EQ(text_at(steps[0], "location/message/text"),
            "call-1 pay reads `balance`, holding no lock");
  EXPECT_EQ(raw_at(steps[1], "location/physicalLocation/region/startLine"), "12");
}

TEST(Sarif, NamesFilesOutsideTheRootByTheirWholePath) {
  const auto document = sarif_of(full_report(), "/home/ad");
  const std::string artifact = in_first("locations/0/physicalLocation/artifactLocation");

  EXPECT_EQ(raw_at(document.root(), artifact), R"({"uri":"file:///home/ada/bank.py"})");
}

TEST(Sarif, EscapesWhatAnAddressCannotHold) {
  Finding finding = lost_update();
  for (Access& access : finding.accesses) access.file = "/home/ada/my bank#1/\u00fc%.py";
  const auto document = sarif_of(finding);

  EXPECT_EQ(text_at(document.root(), in_first("locations/0/physicalLocation/artifactLocation/uri")),
            "my%20bank%231/%C3%BC%25.py");
}

TEST(Sarif, KeepsALineThatCannotBeWithinWhatTheFormAllows) {
  const auto document = sarif_of(lost_update(0, 0));

  EXPECT_EQ(raw_at(document.root(), in_first("locations/0/physicalLocation/region")),
            R"({"startLine":1})");
}

TEST(Sarif, MarksWhatACommentAllowsAsSuppressed) {
  const auto document = sarif_of(full_report());

  EXPECT_EQ(value_at(document.root(), "runs/0/results").items().size(), 2U);
  EXPECT_EQ(raw_at(document.root(), in_first("suppressions")), "null");
  EXPECT_EQ(text_at(document.root(), "runs/0/results/1/ruleId"), "data_race");
  EXPECT_EQ(raw_at(document.root(), "runs/0/results/1/suppressions"),
            R"([{"kind":"inSource","justification":"only shown"}])");
}

TEST(Sarif, TellsWhatFailedAndWhatNeverMet) {
  const auto document = sarif_of(full_report());
  const json::View invocation = value_at(document.root(), "runs/0/invocations/0");
  const auto told = value_at(invocation, "toolExecutionNotifications").items();

  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(text_at(told[0], "level"), "error");
  EXPECT_TRUE(has(text_at(told[0], "message/text"), "did not end within 5 s"));
  EXPECT_EQ(text_at(told[1], "level"), "warning");
  EXPECT_TRUE(has(text_at(told[1], "message/text"), "`read` and `save`"));
  EXPECT_EQ(raw_at(invocation, "executionSuccessful"), "true");
}

TEST(Sarif, IsNoSuccessWhereTheCheckIsInconclusive) {
  Report report = full_report();
  report.verdict = Verdict::inconclusive;
  const auto document = sarif_of(report);

  EXPECT_EQ(raw_at(document.root(), "runs/0/invocations/0/executionSuccessful"), "false");
}

TEST(Sarif, KeepsTheFingerprintWhenLinesMoveOrThreadsChangePlaces) {
  Finding turned = lost_update(11, 12);
  std::ranges::reverse(turned.accesses);

  EXPECT_EQ(fingerprint_of(lost_update(11, 12)), fingerprint_of(lost_update(111, 115)));
  EXPECT_EQ(fingerprint_of(lost_update(11, 12)), fingerprint_of(turned));
}

TEST(Sarif, HasAnotherFingerprintForAnotherKindVariableOrFunction) {
  Finding elsewhere = lost_update();
  elsewhere.accesses[0].function = "save";
  Finding in_another_file = lost_update();
  for (Access& access : in_another_file.accesses) access.file += ".old";

  const std::set<std::string> fingerprints{
      fingerprint_of(lost_update()), fingerprint_of(check_then_act()),
      fingerprint_of(with_variable(lost_update(), "bank.total")), fingerprint_of(elsewhere),
      fingerprint_of(in_another_file)};
  EXPECT_EQ(fingerprints.size(), 5U);
}

TEST(Sarif, IsJsonWhateverTheTextsHold) {
  Finding finding = lost_update();
  finding.variable = finding.accesses[0].function = finding.accesses[0].file = "\"\\\n\x01\xff";
  const auto document = sarif_of(finding);

  EXPECT_TRUE(has(text_at(document.root(), in_first("message/text")), "\"\\\n\x01\uFFFD"));
}

}  // namespace
}  // namespace atonce::check
