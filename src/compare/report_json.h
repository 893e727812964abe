// A report as one JSON document: what `atonce compare --json` prints, and what its page carries.
//
// Every key is there in every document: what was not measured is null. Arguments are the values
// that were given, written as they were. Measured figures have five significant digits.
//
// Thread safety: a pure function.
#pragma once

#include <string>

#include "compare/report.h"

namespace atonce::compare {

[[nodiscard]] std::string write_json(const Report& report);

}  // namespace atonce::compare
