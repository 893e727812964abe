// Any bytes as what the processes of a check say, and as a policy file: none of it ends the check,
// what is read can be told, and a policy that is accepted stays what it is.

#include "check/collected.h"
#include "check/policy.h"
#include "check/report_json.h"
#include "check/report_text.h"
#include "check/run.h"
#include "check/sarif.h"
#include "check/script_check.h"
#include "target.h"

using namespace atonce;

namespace {

void check_policy(std::string_view text) {
  const auto policy = check::read_policy(text);
  if (!policy) return;
  const auto again = check::read_policy(check::write_policy(*policy));
  fuzz::require(again && *again == *policy, "a policy is read as it was written");
}

// All that becomes of findings, over sources that are made of the same bytes.
void tell(const std::vector<check::Finding>& findings, const check::Journal& journal,
          std::string_view text) {
  check::Collected collected;
  static_cast<void>(collected.add(findings, check::pair_of("f", "g")));
  static_cast<void>(collected.add(findings, std::nullopt));
  std::map<std::string, std::string> texts;
  for (const check::Finding& finding : findings) {
    for (const check::Access& access : finding.accesses) texts[access.file] = text;
  }
  check::Sources sources(texts);
  check::Report report{.subject = std::string(text)};
  check::fill_findings(report, collected.settled(), sources);
  report.failures.push_back({.calls = journal.running, .what = "hung"});
  report.failures.push_back({.calls = journal.forking, .what = "forked"});
  const auto json = json::Document::parse(check::write_json(report));
  fuzz::require(json.has_value(), "a report is JSON");
  const auto sarif = json::Document::parse(check::write_sarif(report, "/tmp", sources));
  fuzz::require(sarif.has_value(), "a SARIF file is JSON");
  const std::string drawn = check::draw_report(report, {.width = 60}, sources);
  fuzz::require(drawn.find('\033') == std::string::npos, "a text does not steer the terminal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_policy(text);
  const check::Journal journal = check::read_journal(text);
  tell(journal.findings, journal, text);
  tell(check::read_script_run(text).findings, {}, text);
  if (const auto run = check::read_run(text)) tell(run->findings, {}, text);
  if (const auto document = json::Document::parse(text)) {
    if (const auto findings = check::read_findings(document->root())) tell(*findings, {}, text);
  }
  static_cast<void>(check::allowance_in(text));
  return 0;
}
