#include "base/text.h"

namespace atonce {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").contains(c);
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string coded;
  for (const char c : text) {
    if (is_unreserved(c) || kept.contains(c)) {
      coded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      coded.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
    }
  }
  return coded;
}

std::string to_hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) text.append({kDigits[byte / 16], kDigits[byte % 16]});
  return text;
}

}  // namespace atonce
