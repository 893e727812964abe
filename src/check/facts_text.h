// Words for what a check learns beside the findings.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "check/finding.h"
#include "check/host.h"

namespace atonce::check {

// One for each module that turned the GIL on.
[[nodiscard]] std::vector<Finding> gil_findings(const std::vector<std::string>& modules);

// What a check of code with these compiled modules says nothing about; nothing where there is none.
[[nodiscard]] std::vector<std::string> what_cannot_be_seen(
    const std::vector<std::string>& extensions);

// "did not end within 5 s".
[[nodiscard]] std::string describe_timeout(double limit_seconds);

// Why there is no answer, or none that counts: it hung, crashed, ended its process, or forked.
[[nodiscard]] std::string describe_end(const RunEnd& end, double limit_seconds);

}  // namespace atonce::check
