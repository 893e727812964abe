#include "check/report.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "check/advice.h"
#include "check/source.h"

namespace atonce::check {
namespace {

struct Allowed {
  Place place;
  std::string reason;
};

void note_once(Report& report, std::string text) {
  if (std::ranges::find(report.notes, text) == report.notes.end()) {
    report.notes.push_back(std::move(text));
  }
}

void note_unknown_kinds(const Allowance& allowance, const Place& place, Report& report) {
  for (const std::string& kind : allowance.kinds) {
    if (std::ranges::find(kKinds, kind) != std::end(kKinds)) continue;
    note_once(report, place.file + ":" + std::to_string(place.line) + " allows `" + kind +
                          "`, which is no kind of finding");
  }
}

// A comment without a reason does not count, and is told.
std::optional<Allowed> allowance_for(const Finding& finding, Sources& sources, Report& report) {
  for (const Place& place : places_of(finding)) {
    const auto allowance = allowance_in(sources.line(place));
    if (allowance) note_unknown_kinds(*allowance, place, report);
    if (!allowance || std::ranges::find(allowance->kinds, finding.kind) == allowance->kinds.end()) {
      continue;
    }
    if (!allowance->reason.empty()) return Allowed{place, allowance->reason};
    note_once(report, place.file + ":" + std::to_string(place.line) + " allows " + finding.kind +
                          " without a reason, which does not count: write it after the bracket");
  }
  return std::nullopt;
}

void add_unsafe_pairs(Report& report) {
  std::set<NamePair> pairs;
  for (const ReportedFinding& each : report.findings) {
    if (each.finding.level == Level::error) pairs.insert(each.pairs.begin(), each.pairs.end());
  }
  report.unsafe_pairs.assign(pairs.begin(), pairs.end());
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::clean: return "clean";
    case Verdict::findings: return "findings";
    case Verdict::inconclusive: break;
  }
  return "inconclusive";
}

bool has_errors(const Report& report) {
  return std::ranges::any_of(report.findings, [](const ReportedFinding& each) {
    return each.finding.level == Level::error;
  });
}

void fill_findings(Report& report, std::vector<Found> found, Sources& sources) {
  for (Found& each : found) {
    std::vector<std::string> functions = each.functions();
    std::string order = missing_order(each.finding);
    std::string advice = advice_for(each.finding, sources);
    ReportedFinding reported{.finding = std::move(each.finding),
                             .functions = std::move(functions),
                             .pairs = {each.pairs.begin(), each.pairs.end()},
                             .runs = each.runs,
                             .order = std::move(order),
                             .advice = std::move(advice)};
    if (auto allowed = allowance_for(reported.finding, sources, report)) {
      report.suppressed.push_back({.reported = std::move(reported),
                                   .place = std::move(allowed->place),
                                   .reason = std::move(allowed->reason)});
    } else {
      report.findings.push_back(std::move(reported));
    }
  }
  add_unsafe_pairs(report);
}

Verdict judge(const Report& report, bool is_tested) {
  if (has_errors(report)) return Verdict::findings;  // whatever else could not be tried
  if (!report.failures.empty()) return Verdict::inconclusive;
  const bool lacks_something =
      !report.not_overlapped.empty() ||
      std::ranges::any_of(report.not_tested, [](const NotTested& each) { return each.is_wanted; });
  return is_tested && !lacks_something ? Verdict::clean : Verdict::inconclusive;
}

}  // namespace atonce::check
