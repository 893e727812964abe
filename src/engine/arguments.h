// The checks of a call's arguments that need no schema: cheap, and done before Python sees them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace atonce::engine {

// What is wrong with the size or nesting of the JSON text `arguments`; nothing if it is within both
// limits. Does not check that it is JSON.
[[nodiscard]] std::optional<std::string> find_oversize(std::string_view arguments,
                                                       std::size_t max_bytes,
                                                       std::size_t max_depth);

}  // namespace atonce::engine
