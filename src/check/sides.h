// The two threads of a finding, each with what it did.
//
// Thread safety: pure functions; a Side points into the finding.
#pragma once

#include <string>
#include <vector>

#include "check/finding.h"

namespace atonce::check {

// The accesses of one thread, in their order.
using Side = std::vector<const Access*>;

// In the order in which the finding names them; mostly two, and more for a cycle of locks.
[[nodiscard]] std::vector<Side> sides_of(const Finding& finding);

// The locks that were held at each of the side's accesses.
[[nodiscard]] std::vector<std::string> locks_of(const Side& side);

[[nodiscard]] bool writes(const Access& access);

// "bank.py:12".
[[nodiscard]] std::string short_place(const Access& access);

}  // namespace atonce::check
