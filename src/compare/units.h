// Figures for people.
#pragma once

#include <string>

namespace atonce::compare {

// Three significant digits: "1.20 ms", "34.0 us", "2.50 s".
[[nodiscard]] std::string in_units(double seconds);

// "0 bytes", "210 kB", "1.50 MB"; thousands, not 1,024s.
[[nodiscard]] std::string in_bytes(double bytes);

// "1.93 times".
[[nodiscard]] std::string in_times(double ratio);

// "12 %".
[[nodiscard]] std::string in_percent(double share);

}  // namespace atonce::compare
