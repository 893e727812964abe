// From the figures to sentences: which are too noisy to be told, what speaks for and against each
// arm, and which one to take.
//
// Thread safety: pure functions.
#pragma once

#include <span>
#include <vector>

#include "compare/report.h"
#include "compare/samples.h"

namespace atonce::compare {

// Takes the ratios that vary too much out of the report, with a note instead.
void refuse_noise(Report& report);

// The laws for every kind that was measured with several numbers of workers.
[[nodiscard]] std::vector<Fit> fit_all(const Report& report, std::span<const ArmSamples> arms);

[[nodiscard]] Crossing find_crossing(const Report& report, std::span<const ArmSamples> arms);

// Writes the remarks and the verdict. Without figures steady enough for one the verdict says that,
// and Report::has_verdict is false.
void conclude(Report& report);

}  // namespace atonce::compare
