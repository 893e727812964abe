// The report as a page: one HTML file that needs neither network nor script. It holds the report's
// JSON too, in the element `report`.
//
// Thread safety: a pure function.
#pragma once

#include <string>

#include "compare/report.h"

namespace atonce::compare {

[[nodiscard]] std::string write_page(const Report& report);

}  // namespace atonce::compare
