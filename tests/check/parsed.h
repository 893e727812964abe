// Texts taken apart, for the tests of what is written.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace atonce::check {

inline testing::AssertionResult has(const std::string& text, std::string_view part) {
  const bool is_there = text.find(part) != std::string::npos;
  return (is_there ? testing::AssertionSuccess() : testing::AssertionFailure()) << text;
}

inline json::Document parsed(const std::string& text) {
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  if (!document) document = json::Document::parse("null");
  return std::move(*document);
}

// The value at that path of keys and indices, or null: `results/0/level`.
inline json::View value_at(json::View value, std::string_view path) {
  static const json::Document nothing = *json::Document::parse("null");
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    const bool is_index = value.is(json::Kind::array);
    const auto items = value.items();
    const std::size_t index = is_index ? std::stoul(std::string(step)) : 0;
    const auto found = is_index && index < items.size() ? items[index] : value.find(step);
    if (!found) return nothing.root();
    value = *found;
  }
  return value;
}

inline std::string raw_at(const json::View& value, std::string_view path) {
  return std::string(value_at(value, path).raw());
}

inline std::string text_at(const json::View& value, std::string_view path) {
  return std::string(value_at(value, path).as_string().value_or("no text"));
}

inline std::vector<std::string> keys_of(const json::View& object) {
  std::vector<std::string> keys;
  for (const json::Member& member : object.members()) keys.emplace_back(member.key);
  return keys;
}

}  // namespace atonce::check
