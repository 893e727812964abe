// A report as text for a terminal.
//
// Control characters in the user's own texts are taken out, so that a program cannot steer the
// terminal.
//
// Thread safety: pure functions but for the sources, which one thread uses.
#pragma once

#include <cstddef>
#include <string>

#include "check/report.h"
#include "check/source.h"

namespace atonce::check {

struct TextStyle {
  std::size_t width = 100;  // columns; less than 40 count as 40. Source lines are cut to it
  bool colour = false;      // nothing is told by colour alone
  std::string root = {};    // files below this folder are named relative to it
};

// One block for each finding, then what was not tested and why, and the verdict last.
[[nodiscard]] std::string draw_report(const Report& report, const TextStyle& style,
                                      Sources& sources);

}  // namespace atonce::check
