// Small things that are done to texts. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace atonce {

inline constexpr std::string_view kBlanks = " \t\r\n";

// `text` without the blanks around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "`a`, `b`": names in a sentence.
[[nodiscard]] inline std::string in_backticks(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

// As a part of a URI (RFC 3986): letters, digits, "-._~" and the characters of `kept` stay as they
// are, of all other bytes comes "%" and two digits.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view kept);

// Two digits for each byte, in small letters.
[[nodiscard]] std::string to_hexadecimal(std::span<const unsigned char> bytes);

}  // namespace atonce
