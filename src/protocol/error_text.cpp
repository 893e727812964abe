#include "protocol/error_text.h"

#include "base/json.h"

namespace atonce::protocol {
namespace {

constexpr std::size_t kMostMessageBytes = 600;

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = static_cast<unsigned char>(c) <= ' ';
    if (!is_blank) line += c;
    if (is_blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  if (line.size() > kMostMessageBytes) {
    line.resize(kMostMessageBytes);
    line = json::to_valid_utf8(line) + "...";
  }
  return line;
}

std::string seconds_text(std::chrono::milliseconds time) {
  const auto ms = time.count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    while (fraction.ends_with('0')) fraction.pop_back();
    text += "." + fraction;
  }
  return text + " s";
}

}  // namespace atonce::protocol
