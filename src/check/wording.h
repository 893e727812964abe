// How a report names things for people.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "check/report.h"

namespace atonce::check {

// "lost update"; the word itself for a kind that is not known.
[[nodiscard]] std::string title_of(std::string_view kind);

// What a finding of that kind says, in a sentence.
[[nodiscard]] std::string_view meaning_of(std::string_view kind);

// "reads", "writes", "reads and writes", ...
[[nodiscard]] std::string_view verb_of(std::string_view op);

// "Thread-1 (`f`) reads `self.hits`, holding no lock".
[[nodiscard]] std::string describe_access(const Access& access);

// "`f` with {"a": 1} and `g` with {}: did not end within 5 s".
[[nodiscard]] std::string describe_failure(const Failure& failure);

}  // namespace atonce::check
