// What a comparison has found, in words that the terminal's form and the page share. Plain texts:
// not yet escaped, not yet wrapped.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "compare/report.h"

namespace atonce::compare {

// "a lock: `LOCK` (tools.py:12)".
[[nodiscard]] std::string title_of_cause(const Cause& cause);

// "threads, GIL off: 4 % of the work is not shared out; fastest with 12.0 workers".
[[nodiscard]] std::string law_of(const Fit& fit);

}  // namespace atonce::compare
