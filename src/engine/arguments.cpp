#include "engine/arguments.h"

#include <algorithm>

namespace atonce::engine {
namespace {

// Brackets inside strings do not count, so quotes and escapes are followed.
std::size_t depth_of(std::string_view json) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool is_in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char letter = json[at];
    if (is_in_string) {
      if (letter == '\\') ++at;
      if (letter == '"') is_in_string = false;
    } else if (letter == '"') {
      is_in_string = true;
    } else if (letter == '[' || letter == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((letter == ']' || letter == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::optional<std::string> find_oversize(std::string_view arguments, std::size_t max_bytes,
                                         std::size_t max_depth) {
  if (arguments.size() > max_bytes) {
    return "the arguments have " + std::to_string(arguments.size()) +
           " bytes, more than the limit of " + std::to_string(max_bytes);
  }
  const std::size_t depth = depth_of(arguments);
  if (depth > max_depth) {
    return "the arguments are nested " + std::to_string(depth) + " levels deep, more than " +
           std::to_string(max_depth);
  }
  return std::nullopt;
}

}  // namespace atonce::engine
