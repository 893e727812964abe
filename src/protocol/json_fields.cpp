#include "protocol/json_fields.h"

#include <algorithm>

namespace atonce::protocol {

using json::Kind;
using json::View;

std::string text_of(const std::optional<View>& value) {
  return std::string(value ? value->as_string().value_or("") : "");
}

std::string text_of(const View& object, std::string_view key) { return text_of(object.find(key)); }

std::int64_t count_of(const View& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? std::max<std::int64_t>(0, value->as_int64().value_or(0)) : 0;
}

std::optional<View> find_value(const View& object, std::string_view key) {
  const auto value = object.find(key);
  return value && !value->is(Kind::null) ? value : std::nullopt;
}

void copy_members(json::Writer& writer, const View& object,
                  std::initializer_list<std::string_view> left_out) {
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(left_out, key) == left_out.end()) writer.key(key).raw(value.raw());
  }
}

std::optional<std::string> read_object(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document || !document->root().is(Kind::object)) return std::nullopt;
  return std::string(document->root().raw());
}

}  // namespace atonce::protocol
