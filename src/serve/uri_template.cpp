#include "serve/uri_template.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace atonce::serve {
namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    unsigned value = 0;
    const char* const begin = text.data() + at + 1;
    const auto read = std::from_chars(begin, begin + 2, value, 16);
    if (read.ec != std::errc() || read.ptr != begin + 2) return std::nullopt;
    decoded += static_cast<char>(value);
    at += 2;
  }
  if (json::to_valid_utf8(decoded) != decoded) return std::nullopt;
  return decoded;
}

// Whether a function that takes the value for a path below a folder of its own would leave it.
bool leads_out(std::string_view value) {
  if (value.contains('\0') || value.starts_with('/') || value.starts_with('\\')) return true;
  std::ptrdiff_t depth = 0;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of("/\\"), value.size());
    const std::string_view part = value.substr(0, end);
    if (part == "..") {
      if (--depth < 0) return true;
    } else if (!part.empty() && part != ".") {
      ++depth;
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return false;
}

}  // namespace

// The texts between variables are looked for from left to right, so that a variable is as short as
// it can be; it holds no `/` but an encoded one.
std::optional<std::map<std::string, std::string>> match_template(std::string_view uri_template,
                                                                 std::string_view uri) {
  std::map<std::string, std::string> variables;
  while (!uri_template.empty()) {
    const std::size_t open = std::min(uri_template.find('{'), uri_template.size());
    if (!uri.starts_with(uri_template.substr(0, open))) return std::nullopt;
    uri.remove_prefix(open);
    uri_template.remove_prefix(open);
    if (uri_template.empty()) break;
    const std::size_t close = uri_template.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string name(uri_template.substr(1, close - 1));
    uri_template.remove_prefix(close + 1);
    const std::string_view next = uri_template.substr(0, uri_template.find('{'));
    const std::size_t end = next.empty() ? uri.size() : uri.find(next, 1);
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const std::string_view value = uri.substr(0, end);
    auto decoded = percent_decoded(value);
    if (!decoded || value.contains('/') || leads_out(*decoded)) return std::nullopt;
    variables[name] = *std::move(decoded);
    uri.remove_prefix(end);
  }
  if (!uri.empty()) return std::nullopt;
  return variables;
}

}  // namespace atonce::serve
