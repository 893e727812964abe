// What a client keeps for us between two rounds of a question and may neither read nor change: an
// encrypted text (AES-256-GCM) with a key that is made when the server starts.
//
// Thread safety: all functions from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atonce::serve {

class Seal final {
 public:
  Seal();  // with a new key

  // `bound_to` has to be the same when it is opened: who asks, and what for.
  [[nodiscard]] std::string close(std::string_view text, std::string_view bound_to) const;
  // The text; nothing if it was sealed by somebody else, for something else, or has been changed.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view bound_to) const;

 private:
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace atonce::serve
