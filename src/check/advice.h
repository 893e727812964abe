// What would have had to come before what, and how to mend it, in a sentence or two.
//
// Thread safety: pure functions but for the sources, which one thread uses.
#pragma once

#include <string>

#include "check/finding.h"
#include "check/source.h"

namespace atonce::check {

// "nothing orders the write at bank.py:12 before ..."; empty where there is no such order.
[[nodiscard]] std::string missing_order(const Finding& finding);

// The lock to take, by its name where a side holds one, and what does the same in one step.
[[nodiscard]] std::string advice_for(const Finding& finding, Sources& sources);

}  // namespace atonce::check
