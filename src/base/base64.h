// Base64 as JSON carries bytes: the standard alphabet, padded (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atonce {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// The bytes; nothing for a text that to_base64() would not have written.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace atonce
