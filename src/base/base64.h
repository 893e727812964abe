// Base64 as JSON carries bytes: the standard alphabet, padded (RFC 4648).
#pragma once

#include <string>
#include <string_view>

namespace atonce {

[[nodiscard]] std::string to_base64(std::string_view bytes);

}  // namespace atonce
