// The parts of JSON Schema that both the grammar and the Python stub need to read alike.
//
// Thread safety: as the document's; a SchemaReader only looks.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace atonce::model {

// One parameter of a function: a property of its arguments object.
struct Parameter {
  std::string_view name;
  json::View schema;
  bool is_required;
};

// Looks through the schema whose root it is given; the document must outlive it.
class SchemaReader final {
 public:
  explicit SchemaReader(json::View root) : root_(root) {}

  // `schema`, or what its "$ref" (of this document) leads to; nothing for a reference that leads
  // nowhere.
  [[nodiscard]] std::optional<json::View> resolve(json::View schema) const;

  // Required ones first, each group in the schema's order: the order of a Python signature.
  [[nodiscard]] std::vector<Parameter> parameters(json::View object) const;

 private:
  json::View root_;
};

// The alternatives of anyOf or oneOf; empty when there are none.
[[nodiscard]] std::vector<json::View> alternatives_of(json::View schema);

// The values of enum or const; empty when there are none.
[[nodiscard]] std::vector<json::View> choices_of(json::View schema);

// The schema's "type" names; empty when it says none.
[[nodiscard]] std::vector<std::string_view> types_of(json::View schema);

}  // namespace atonce::model
