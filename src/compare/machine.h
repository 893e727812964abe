// What is known of this machine, and how busy it is with other things.
//
// Thread safety: readers of /proc and /sys.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "compare/report.h"

namespace atonce::compare {

// Processor, cores, memory and system; the versions and loads are left for others to fill in.
[[nodiscard]] Machine read_machine();

// The cores that this process may use: its affinity and its control group's quota, at least 1.
[[nodiscard]] std::size_t usable_cores();

[[nodiscard]] double load_average();  // of the last minute

// The time that all cores have worked for anybody since the start of the system.
[[nodiscard]] Duration busy_time();

}  // namespace atonce::compare
