#include "base/base64.h"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>

namespace atonce {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view bytes) {
  using namespace boost::archive::iterators;
  using Sextets = base64_from_binary<transform_width<const char*, 6, 8>>;
  // The iterators read on to a whole number of sextets.
  const std::string padded = std::string(bytes) + std::string((3 - bytes.size() % 3) % 3, '\0');
  std::string coded(Sextets(padded.data()), Sextets(padded.data() + padded.size()));
  const std::size_t padding = padded.size() - bytes.size();
  return coded.replace(coded.size() - padding, padding, padding, '=');
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  int held = 0;
  for (const char each : text.substr(0, text.find('='))) {
    const std::size_t value = kAlphabet.find(each);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> held) & 0xFF);
  }
  if (to_base64(bytes) != text) return std::nullopt;  // padding and the bits that are left over
  return bytes;
}

}  // namespace atonce
