// Members of a JSON object as values; what is missing or of another kind is empty, 0 or false.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace atonce::check {

[[nodiscard]] inline std::string text_in(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  return std::string(member ? member->as_string().value_or("") : "");
}

[[nodiscard]] inline std::int64_t number_in(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? member->as_int64().value_or(0) : 0;
}

[[nodiscard]] inline bool flag_in(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  return member && member->as_bool().value_or(false);
}

[[nodiscard]] inline std::vector<std::string> texts_in(const json::View& object,
                                                       std::string_view name) {
  std::vector<std::string> texts;
  if (const auto member = object.find(name)) {
    for (const json::View& each : member->items())
      texts.emplace_back(each.as_string().value_or(""));
  }
  return texts;
}

inline void write_texts(json::Writer& writer, const std::vector<std::string>& texts) {
  writer.begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

}  // namespace atonce::check
