// All that a check found out, as the table, the JSON document and the SARIF file tell it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "check/collected.h"
#include "check/finding.h"
#include "check/plan.h"

namespace atonce::check {

enum class Verdict { clean, findings, inconclusive };

// "clean", "findings" or "inconclusive".
[[nodiscard]] std::string_view name_of(Verdict verdict);

struct ReportedFinding {
  Finding finding;
  std::vector<std::string> functions = {};  // the tools whose calls made it
  std::vector<NamePair> pairs = {};
  std::size_t runs = 0;     // in which it was seen
  std::string order = {};   // what would have had to come before what
  std::string advice = {};  // how to mend it
};

// A finding that a comment allows.
struct Suppressed {
  ReportedFinding reported;
  Place place;  // of the comment
  std::string reason;
};

// A run that did not come to its end.
struct Failure {
  std::vector<RunningCall> calls = {};  // that ran then, as far as it is known
  std::string what;                     // "did not end within 5 s"

  friend bool operator==(const Failure&, const Failure&) = default;
};

struct Report {
  std::string subject;  // "tools.py", "--script prog.py", "--pytest"
  Verdict verdict = Verdict::inconclusive;
  std::vector<ReportedFinding> findings = {};
  std::vector<Suppressed> suppressed = {};
  std::vector<NamePair> unsafe_pairs = {};    // by findings that are errors
  std::vector<NamePair> not_overlapped = {};  // whose calls never ran at the same time
  std::vector<NotTested> not_tested = {};
  std::vector<Failure> failures = {};
  std::vector<std::string> notes = {};
  std::vector<std::string> what_cannot_be_seen = {};
  std::size_t pairs = 0;  // that were to be tried; 0 for a script
  std::size_t runs = 0;
  double seconds = 0;
  std::string version = {};  // of atonce
  std::string python = {};
};

[[nodiscard]] bool has_errors(const Report& report);

// Findings that are allowed by a comment with a reason, and those that are not.
class Sources;
void fill_findings(Report& report, std::vector<Found> found, Sources& sources);

// What all of that comes to; `is_tested`: something ran at the same time as something else.
[[nodiscard]] Verdict judge(const Report& report, bool is_tested);

}  // namespace atonce::check
