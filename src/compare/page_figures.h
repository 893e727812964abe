// The plots of a report, each with its caption and, folded up, its numbers as a table. A plot for
// which nothing was measured is an empty text.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "compare/report.h"

namespace atonce::compare {

[[nodiscard]] std::string speedup_figure(const Report& report);  // by workers, a line each kind
[[nodiscard]] std::string gain_figure(const Report& report);     // the best of each kind
[[nodiscard]] std::string memory_figure(const Report& report);
[[nodiscard]] std::string startup_figure(const Report& report);
[[nodiscard]] std::string copying_figure(const Report& report);

// One plot for each kind, of its best number of workers; all on one scale of time.
[[nodiscard]] std::string timeline_figures(const Report& report);

}  // namespace atonce::compare
