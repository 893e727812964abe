// Which of several arms is the one to speak of, the same in the verdict and on the page.
//
// Thread safety: pure functions.
#pragma once

#include "compare/report.h"

namespace atonce::compare {

// Whether to name `arm` rather than `other`, which stands before it in the report: a few hundredths
// more are not worth twice as many workers. By the ratios over the fastest serial arm where both
// have one, as they come from rounds of the same minutes; else by the seconds, which both must
// have.
[[nodiscard]] bool is_better(const ArmReport& arm, const ArmReport& other);

}  // namespace atonce::compare
