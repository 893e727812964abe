// What a client and a server both need to know of headers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace atonce::http {

struct Header {
  std::string name;
  std::string value;
};

// Whether two names of headers, or two tokens, are the same: ASCII letters in whatever case.
[[nodiscard]] inline bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace atonce::http
