// What a comparison has found, in words: everything of the terminal's form but its figures.
//
// Thread safety: a pure function.
#pragma once

#include <string>

#include "compare/report.h"
#include "compare/table.h"

namespace atonce::compare {

// The causes, the laws fitted, the crossing, what speaks for and against, notes, the command to
// repeat it, and the verdict last; each only if there is something to say.
[[nodiscard]] std::string draw_findings(const Report& report, const TableStyle& style);

}  // namespace atonce::compare
