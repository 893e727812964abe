// An outcome as the fields of a `done` frame: its name, then what its kind holds.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "call/outcome.h"

namespace atonce::process {

// The name of the outcome comes first.
[[nodiscard]] std::vector<std::string> to_fields(const call::Outcome& outcome);

// Errors: bad_response when the fields are no outcome.
[[nodiscard]] Result<call::Outcome> from_fields(std::span<const std::string> fields);

}  // namespace atonce::process
