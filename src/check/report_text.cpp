#include "check/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/terminal_text.h"
#include "base/text.h"
#include "check/sides.h"
#include "check/wording.h"

namespace atonce::check {
namespace {

constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kMostPairsShown = 12;
constexpr std::string_view kNotConfirmed =
    "not confirmed: one thread was seen to test while another one wrote, not yet two that acted on "
    "the same test";

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string in_backticks_of(const NamePair& pair) {
  if (pair[0] == pair[1]) return "`" + pair[0] + "` with itself";
  return "`" + pair[0] + "` with `" + pair[1] + "`";
}

std::string joined(const std::vector<NamePair>& pairs) {
  std::string text;
  for (std::size_t at = 0; at < std::min(pairs.size(), kMostPairsShown); ++at) {
    text += (at > 0 ? ", " : "") + in_backticks_of(pairs[at]);
  }
  if (pairs.size() > kMostPairsShown) {
    text += fmt::format(" and {} more", pairs.size() - kMostPairsShown);
  }
  return text;
}

class TextReport {
 public:
  TextReport(const Report& report, const TextStyle& style, Sources& sources)
      : report_(report),
        width_(std::max(style.width, kNarrowest)),
        colour_(style.colour),
        root_(style.root.empty() || style.root.ends_with('/') ? style.root : style.root + "/"),
        sources_(sources) {}

  [[nodiscard]] std::string draw() {
    for (const ReportedFinding& each : report_.findings) add_finding(each);
    add_untested();
    for (const Suppressed& each : report_.suppressed) {
      add("allowed: ",
          fmt::format("{} of `{}` at {}: {}", title_of(each.reported.finding.kind),
                      each.reported.finding.variable, name_of_place(each.place), each.reason));
    }
    for (const std::string& note : report_.notes) add("note: ", note);
    for (const std::string& each : report_.what_cannot_be_seen) add("not seen: ", each);
    if (!report_.unsafe_pairs.empty()) add("unsafe: ", joined(report_.unsafe_pairs));
    add_verdict();
    return std::move(text_);
  }

 private:
  void add(std::string_view first, std::string_view text) {
    text_ += paragraph(first, printable(text), width_);
  }

  [[nodiscard]] std::string name_of_place(const Place& place) const {
    const bool is_below = !root_.empty() && place.file.starts_with(root_);
    return (is_below ? place.file.substr(root_.size()) : place.file) + ":" +
           std::to_string(place.line);
  }

  void add_finding(const ReportedFinding& reported) {
    const Finding& finding = reported.finding;
    const Ink ink = finding.level == Level::error ? Ink::red : Ink::bold;
    std::string title = title_of(finding.kind) + ": " + finding.variable;
    if (!finding.element.empty()) title += "[" + finding.element + "]";
    text_ += inked(std::string(name_of(finding.level)), ink, colour_) + ": " +
             inked(printable(title), Ink::bold, colour_) + "\n";
    for (const Side& side : sides_of(finding)) add_side(side);
    if (!finding.message.empty()) add("  note:   ", finding.message);
    if (finding.is_guess) add("  note:   ", kNotConfirmed);
    if (!reported.functions.empty()) {
      add("  calls:  ", in_backticks(reported.functions) +
                            (reported.functions.size() == 1 ? ", more than one at a time" : ""));
    }
    if (!reported.order.empty()) add("  order:  ", reported.order);
    if (!reported.advice.empty()) add("  advice: ", reported.advice);
    text_ += "\n";
  }

  void add_side(const Side& side) {
    const Access* before = nullptr;
    for (const Access* const access : side) {
      const bool is_same_line =
          before != nullptr && before->line == access->line && before->file == access->file;
      if (!is_same_line) add_source(*access);
      text_ += paragraph("    ", printable(describe_access(*access)), width_);
      before = access;
    }
  }

  void add_source(const Access& access) {
    const Place place{access.file, access.line};
    std::string where = "  " + name_of_place(place);
    if (!access.function.empty()) where += " in " + access.function;
    text_ += printable(where) + "\n";
    const std::string line = printable(sources_.line(place));
    if (line.empty()) return;
    text_ += "      " + inked(clipped(line, width_ - 6), Ink::bold, colour_) + "\n";
  }

  void add_untested() {
    for (const Failure& each : report_.failures) add("failed: ", describe_failure(each));
    for (const NotTested& each : report_.not_tested) {
      add("not tested: ", in_backticks(each.functions) + ": " + each.why);
    }
    if (!report_.not_overlapped.empty()) {
      add("not tested: ", joined(report_.not_overlapped) +
                              ": their calls never ran at the same time; give more --budget");
    }
  }

  void add_verdict() {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const ReportedFinding& each : report_.findings) {
      errors += each.finding.level == Level::error ? 1 : 0;
      warnings += each.finding.level == Level::warning ? 1 : 0;
    }
    const std::size_t notes = report_.findings.size() - errors - warnings;
    std::string text = counted(errors, "error");
    if (warnings > 0) text += ", " + counted(warnings, "warning");
    if (notes > 0) text += ", " + counted(notes, "note");
    if (!report_.suppressed.empty()) {
      text += fmt::format(", {} allowed by comments", report_.suppressed.size());
    }
    text += " in " + counted(report_.runs, "run");
    if (report_.pairs > 0) text += " of " + counted(report_.pairs, "pair");
    const Ink ink = report_.verdict == Verdict::clean ? Ink::green : Ink::red;
    text_ += inked(std::string(name_of(report_.verdict)), ink, colour_) +
             fmt::format(": {}, {:.1f} s\n", text, report_.seconds);
  }

  const Report& report_;
  const std::size_t width_;
  const bool colour_;
  const std::string root_;
  Sources& sources_;
  std::string text_;
};

}  // namespace

std::string draw_report(const Report& report, const TextStyle& style, Sources& sources) {
  return TextReport(report, style, sources).draw();
}

}  // namespace atonce::check
