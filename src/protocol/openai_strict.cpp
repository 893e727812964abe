#include "protocol/openai_strict.h"

#include <algorithm>
#include <vector>

namespace atonce::protocol::openai {
namespace {

using json::View;

bool is_closed_object(const View& schema) {
  const auto closed = schema.find("additionalProperties");
  if (!closed || closed->as_bool().value_or(true)) return false;
  const auto required = schema.find("required");
  const auto names = required ? required->items() : std::vector<View>{};
  const auto properties = schema.find("properties");
  const auto members = properties ? properties->members() : std::vector<json::Member>{};
  return std::ranges::all_of(members, [&](const json::Member& property) {
    return std::ranges::any_of(names,
                               [&](const View& name) { return name.as_string() == property.key; });
  });
}

}  // namespace

bool has_strict_form(const View& schema) {
  const auto type = schema.find("type");
  const bool is_object = schema.find("properties") || (type && type->as_string() == "object");
  if (is_object && !is_closed_object(schema)) return false;
  return std::ranges::all_of(schema.items(), has_strict_form) &&
         std::ranges::all_of(schema.members(), [](const json::Member& member) {
           return has_strict_form(member.value);
         });
}

}  // namespace atonce::protocol::openai
