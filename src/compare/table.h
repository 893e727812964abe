// A report as text for a terminal: UTF-8, or ASCII but for what the user's own texts hold.
//
// Control characters in those texts are taken out, so that a tool cannot steer the terminal.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "compare/report.h"

namespace atonce::compare {

struct TableStyle {
  std::size_t width = 100;  // columns; 80 hold all that matters, less than 40 count as 40
  bool colour = false;      // nothing is told by colour alone
  bool unicode = true;      // block characters, an eighth of a column fine; else '#'
};

// All of it: the speed of each arm with its bar, what it costs, the causes, what speaks for and
// against, and the verdict last. No line but the command is wider than the style says.
[[nodiscard]] std::string draw_table(const Report& report, const TableStyle& style);

// While it runs: one line, ending in a newline and narrower than the terminal, for the fastest arm
// of each kind that has figures. Empty where there are none yet, or no room.
[[nodiscard]] std::string draw_bars(const Report& so_far, const TableStyle& style);

}  // namespace atonce::compare
