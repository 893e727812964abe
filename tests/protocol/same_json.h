// Whether two JSON values say the same: members in any order, strings by their text, numbers by
// their spelling, because atonce promises to keep that.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/json.h"

namespace atonce::protocol {

// Empty when they are the same, else where they differ and how.
inline std::string difference(const json::View& a, const json::View& b, std::string path = "$") {
  const auto differ = [&] {
    return path + ": " + std::string(a.raw().substr(0, 200)) + " is not " +
           std::string(b.raw().substr(0, 200));
  };
  if (a.kind() != b.kind()) return differ();
  switch (a.kind()) {
    case json::Kind::object: {
      if (a.members().size() != b.members().size()) return differ();
      for (const auto& [key, value] : a.members()) {
        const auto other = b.find(key);
        if (!other)
          return path + ": there is no `" + std::string(key) + "` in " +
                 std::string(b.raw().substr(0, 200));
        auto found = difference(value, *other, path + "." + std::string(key));
        if (!found.empty()) return found;
      }
      return "";
    }
    case json::Kind::array: {
      const auto ours = a.items();
      const auto theirs = b.items();
      if (ours.size() != theirs.size()) return differ();
      for (std::size_t at = 0; at < ours.size(); ++at) {
        auto found = difference(ours[at], theirs[at], path + "[" + std::to_string(at) + "]");
        if (!found.empty()) return found;
      }
      return "";
    }
    case json::Kind::string: return a.as_string() == b.as_string() ? "" : differ();
    default: return a.raw() == b.raw() ? "" : differ();
  }
}

inline testing::AssertionResult same_json(std::string_view a, std::string_view b) {
  const auto first = json::Document::parse(a);
  const auto second = json::Document::parse(b);
  if (!first) return testing::AssertionFailure() << first.error().message << ": " << a;
  if (!second) return testing::AssertionFailure() << second.error().message << ": " << b;
  const std::string found = difference(first->root(), second->root());
  return found.empty() ? testing::AssertionSuccess() : testing::AssertionFailure() << found;
}

}  // namespace atonce::protocol
