// The small pieces that errors of every wire are told with.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace atonce::protocol {

// Line ends and runs of blanks become one blank; what is very long is cut. Valid UTF-8 stays so.
[[nodiscard]] std::string one_line(std::string_view text);

// "34.07 s"
[[nodiscard]] std::string seconds_text(std::chrono::milliseconds time);

}  // namespace atonce::protocol
