// A report as one JSON document.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "check/report.h"

namespace atonce::check {

// What `atonce check --json` prints; the form is stable.
[[nodiscard]] std::string write_json(const Report& report);

}  // namespace atonce::check
