// A report with something in each of its parts, for the tests of how it is written.
#pragma once

#include "check/findings.h"
#include "check/report.h"

namespace atonce::check {

inline ReportedFinding reported(Finding finding) {
  return {.finding = std::move(finding),
          .functions = {"pay", "read"},
          .pairs = {{"pay", "read"}},
          .runs = 2,
          .order = "nothing keeps them apart",
          .advice = "hold one lock"};
}

inline Report full_report() {
  Finding shown = lost_update(11, 12);
  shown.element = "'eur'";
  shown.accesses[0].locks = {"lock"};
  return {.subject = "bank.py",
          .verdict = Verdict::findings,
          .findings = {reported(shown)},
          .suppressed = {{.reported = reported(data_race(21, 22)),
                          .place = {std::string(kBank), 22},
                          .reason = "only shown"}},
          .unsafe_pairs = {{"pay", "read"}},
          .not_overlapped = {{"read", "save"}},
          .not_tested = {{.functions = {"odd"}, .why = "no arguments could be made for it"}},
          .failures = {{.calls = {{"save", R"({"n": 1.0})"}, {"read", ""}},
                        .what = "did not end within 5 s"}},
          .notes = {"a call raised: pay: ValueError: no"},
          .what_cannot_be_seen = {"`numpy` is compiled: what it shares inside is not seen"},
          .pairs = 6,
          .runs = 36,
          .seconds = 1.23456,
          .version = "0.1.0",
          .python = "3.13.5 free-threaded"};
}

}  // namespace atonce::check
