// The parts of a report's page that are words and tables. A part with nothing to say is an empty
// text.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "compare/report.h"

namespace atonce::compare {

[[nodiscard]] std::string what_was_run(const Report& report);
[[nodiscard]] std::string causes_section(const Report& report);
[[nodiscard]] std::string remarks_section(const Report& report);
[[nodiscard]] std::string arms_table(const Report& report);
[[nodiscard]] std::string laws_section(const Report& report);
[[nodiscard]] std::string notes_section(const Report& report);
[[nodiscard]] std::string machine_section(const Report& report);

// "<section id="..."><h2>title</h2>inner</section>", or nothing around nothing.
[[nodiscard]] std::string section(const std::string& id, std::string_view title,
                                  std::string_view inner);

}  // namespace atonce::compare
