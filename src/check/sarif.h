// A report in the form of the Static Analysis Results Interchange Format 2.1.0, which code hosts
// show beside the code.
//
// Thread safety: pure functions but for the sources, which one thread uses.
#pragma once

#include <string>

#include "check/report.h"
#include "check/source.h"

namespace atonce::check {

// Files below `root` are named relative to it, others by their whole path. Findings that comments
// allow are in it, marked as suppressed.
[[nodiscard]] std::string write_sarif(const Report& report, const std::string& root,
                                      Sources& sources);

}  // namespace atonce::check
