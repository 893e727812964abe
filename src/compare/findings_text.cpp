#include "compare/findings_text.h"

#include <algorithm>
#include <string_view>

#include "base/terminal_text.h"
#include "compare/units.h"
#include "compare/wording.h"

namespace atonce::compare {
namespace {

std::string heading(std::string_view text, const TableStyle& style) {
  return "\n" + inked(text, Ink::bold, style.colour) + "\n";
}

std::string draw_causes(const Report& report, const TableStyle& style) {
  if (report.causes.empty()) return {};
  std::string text = heading("Why threads do not gain more", style);
  for (const Cause& cause : report.causes) {
    text += paragraph("  ", printable(title_of_cause(cause)), style.width);
    text += paragraph("    seen: ", printable(cause.evidence), style.width);
    text += paragraph("    to do: ", printable(cause.advice), style.width);
  }
  return text;
}

std::string draw_fits(const Report& report, const TableStyle& style) {
  if (report.fits.empty()) return {};
  std::string text = heading("Laws fitted (Amdahl's, Gunther's)", style);
  for (const Fit& fit : report.fits) text += paragraph("  ", law_of(fit), style.width);
  return text;
}

std::string draw_crossing(const Report& report, const TableStyle& style) {
  if (report.crossing.sentence.empty()) return {};
  return heading("Threads or processes", style) +
         paragraph("  ", printable(report.crossing.sentence), style.width);
}

std::string draw_remark(const Remark& remark, const TableStyle& style) {
  const std::string text =
      paragraph(remark.is_pro ? "    + " : "    - ", printable(remark.text), style.width);
  if (text.empty()) return {};
  // Only the sign has the colour: it stands at a known place of the first line.
  constexpr std::size_t kSign = 4;
  return text.substr(0, kSign) +
         inked(text.substr(kSign, 1), remark.is_pro ? Ink::green : Ink::red, style.colour) +
         text.substr(kSign + 1);
}

std::string draw_remarks(const Report& report, const TableStyle& style) {
  if (report.remarks.empty()) return {};
  std::vector<ArmKind> kinds;
  for (const Remark& remark : report.remarks) {
    if (std::ranges::find(kinds, remark.kind) == kinds.end()) kinds.push_back(remark.kind);
  }
  std::string text = heading("For (+) and against (-)", style);
  for (const ArmKind kind : kinds) {
    text.append("  ").append(title_of(kind)).append("\n");
    for (const Remark& remark : report.remarks) {
      if (remark.kind == kind) text += draw_remark(remark, style);
    }
  }
  return text;
}

std::string draw_notes(const Report& report, const TableStyle& style) {
  if (report.notes.empty()) return {};
  std::string text = heading("Notes", style);
  for (const std::string& note : report.notes) {
    text += paragraph("  - ", printable(note), style.width);
  }
  return text;
}

// In one line, however long, so that it can be copied.
std::string draw_command(const Report& report, const TableStyle& style) {
  if (report.command.empty()) return {};
  return heading("Took " + in_units(report.seconds) + "; to measure it again", style) + "  " +
         printable(report.command) + "\n";
}

std::string draw_verdict(const Report& report, const TableStyle& style) {
  std::string text;
  for (const std::string& line : wrapped(printable(report.verdict), style.width)) {
    text += inked(line, Ink::bold, style.colour) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string draw_findings(const Report& report, const TableStyle& style) {
  return draw_causes(report, style) + draw_fits(report, style) + draw_crossing(report, style) +
         draw_remarks(report, style) + draw_notes(report, style) + draw_command(report, style) +
         draw_verdict(report, style);
}

}  // namespace atonce::compare
