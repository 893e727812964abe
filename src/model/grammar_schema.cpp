#include "model/grammar_schema.h"

#include <algorithm>

namespace atonce::model {
namespace {

constexpr int kMostReferences =
    16;  // a chain of references, each to the next; a longer one is a circle

std::optional<json::View> follow(json::View root, std::string_view reference) {
  if (!reference.starts_with('#')) return std::nullopt;
  reference.remove_prefix(1);
  json::View place = root;
  while (reference.starts_with('/')) {
    reference.remove_prefix(1);
    const std::string_view step = reference.substr(0, reference.find('/'));
    const auto next = place.find(step);
    if (!next) return std::nullopt;
    place = *next;
    reference.remove_prefix(step.size());
  }
  return place;
}

}  // namespace

std::optional<json::View> SchemaReader::resolve(json::View schema) const {
  for (int i = 0; i < kMostReferences; ++i) {
    const auto reference = schema.find("$ref");
    if (!reference || !reference->as_string()) return schema;
    const auto target = follow(root_, *reference->as_string());
    if (!target) return std::nullopt;
    schema = *target;
  }
  return std::nullopt;
}

std::vector<Parameter> SchemaReader::parameters(json::View object) const {
  std::vector<std::string_view> required;
  if (const auto names = object.find("required")) {
    for (const json::View& name : names->items()) required.push_back(name.as_string().value_or(""));
  }
  std::vector<Parameter> found;
  if (const auto properties = object.find("properties")) {
    for (const json::Member& member : properties->members()) {
      const bool is_required = std::ranges::find(required, member.key) != required.end();
      found.push_back({member.key, member.value, is_required});
    }
  }
  std::ranges::stable_partition(found, &Parameter::is_required);
  return found;
}

std::vector<json::View> alternatives_of(json::View schema) {
  for (const std::string_view key : {"anyOf", "oneOf"}) {
    if (const auto found = schema.find(key)) return found->items();
  }
  return {};
}

std::vector<json::View> choices_of(json::View schema) {
  if (const auto value = schema.find("const")) return {*value};
  if (const auto values = schema.find("enum")) return values->items();
  return {};
}

std::vector<std::string_view> types_of(json::View schema) {
  std::vector<std::string_view> types;
  const auto type = schema.find("type");
  if (!type) return types;
  if (const auto name = type->as_string()) types.push_back(*name);
  for (const json::View& item : type->items()) {
    if (const auto name = item.as_string()) types.push_back(*name);
  }
  return types;
}

}  // namespace atonce::model
