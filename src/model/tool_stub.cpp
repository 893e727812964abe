#include "model/tool_stub.h"

#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/grammar_schema.h"
#include "model/local_calls.h"

namespace atonce::model {
namespace {

constexpr int kMostDepth = 3;  // of types inside types; a recursive type ends here as `Any`
constexpr std::size_t kMostDescriptionBytes = 1200;  // the whole prompt must fit a small context

class TypeWriter {
 public:
  explicit TypeWriter(const SchemaReader& reader) : reader_(reader) {}

  [[nodiscard]] std::string write(json::View schema, int depth = 0) const {
    const auto target = reader_.resolve(schema);
    if (!target || depth > kMostDepth) return "Any";
    if (const auto choices = choices_of(*target); !choices.empty()) return write_choices(choices);
    std::vector<std::string> types;
    for (const json::View& alternative : alternatives_of(*target)) {
      types.push_back(write(alternative, depth + 1));
    }
    if (types.empty()) {
      for (const std::string_view type : types_of(*target)) {
        types.push_back(write_type(*target, type, depth));
      }
    }
    if (types.empty()) return "Any";
    return join(types, " | ");
  }

 private:
  static std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts)
      text += (text.empty() ? "" : std::string(separator)) + part;
    return text;
  }

  static std::string write_choices(const std::vector<json::View>& choices) {
    std::vector<std::string> literals;
    for (const json::View& choice : choices) literals.push_back(write_python_literal(choice));
    return "Literal[" + join(literals, ", ") + "]";
  }

  [[nodiscard]] std::string write_type(json::View schema, std::string_view type, int depth) const {
    if (type == "string") return "str";
    if (type == "integer") return "int";
    if (type == "number") return "float";
    if (type == "boolean") return "bool";
    if (type == "null") return "None";
    if (type == "array") return write_list(schema, depth);
    if (type == "object") return write_object(schema, depth);
    return "Any";
  }

  [[nodiscard]] std::string write_list(json::View schema, int depth) const {
    if (const auto places = schema.find("prefixItems")) {
      std::vector<std::string> types;
      for (const json::View& place : places->items()) types.push_back(write(place, depth + 1));
      return "tuple[" + join(types, ", ") + "]";
    }
    const auto items = schema.find("items");
    return items ? "list[" + write(*items, depth + 1) + "]" : "list";
  }

  // A dict with known keys is shown as one, `{"x": int, "y": int}`: shorter than a class of its
  // own.
  [[nodiscard]] std::string write_object(json::View schema, int depth) const {
    std::vector<std::string> members;
    for (const Parameter& member : reader_.parameters(schema)) {
      members.push_back(json::quoted(member.name) + ": " + write(member.schema, depth + 1));
    }
    if (!members.empty()) return "{" + join(members, ", ") + "}";
    const auto values = schema.find("additionalProperties");
    if (!values || !values->is(json::Kind::object)) return "dict";
    return "dict[str, " + write(*values, depth + 1) + "]";
  }

  const SchemaReader& reader_;
};

std::string text_of(json::View schema, std::string_view key) {
  const auto value = schema.find(key);
  return std::string(value ? value->as_string().value_or("") : "");
}

// `text` fit for a docstring: no end of it inside, continuation lines indented, not too long.
std::string docstring_text(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && i < kMostDescriptionBytes; ++i) {
    if (text[i] == '\n') {
      out += std::string("\n").append(indent);
    } else if (text[i] != '"' || !text.substr(i).starts_with("\"\"\"")) {
      out += text[i];
    }
  }
  return json::to_valid_utf8(out);  // the limit may have cut a character
}

// What the type alone does not say about a parameter; empty when there is nothing.
std::string describe(const SchemaReader& reader, const Parameter& parameter) {
  std::string text = text_of(parameter.schema, "description");
  const auto target = reader.resolve(parameter.schema).value_or(parameter.schema);
  if (text.empty()) text = text_of(target, "description");
  if (const std::string format = text_of(target, "format"); !format.empty()) {
    text += (text.empty() ? "a " : " Format: ") + format;
  }
  return docstring_text(text, "        ");
}

std::string write_docstring(std::string_view description, const std::vector<std::string>& lines) {
  std::string text = "    \"\"\"" + docstring_text(description, "    ");
  if (!lines.empty()) text += "\n";
  for (const std::string& line : lines) text += "\n    " + line;
  return text + (lines.empty() ? "\"\"\"\n" : "\n    \"\"\"\n");
}

}  // namespace

std::string make_tool_stub(const call::ToolSpec& tool) {
  const auto schema = json::Document::parse(tool.input_schema);
  if (!schema)
    return "def " + tool.name + "(**arguments):\n" + write_docstring(tool.description, {});
  const SchemaReader reader(schema->root());
  const TypeWriter types(reader);

  std::string signature;
  std::vector<std::string> lines;
  for (const Parameter& parameter :
       reader.parameters(reader.resolve(schema->root()).value_or(schema->root()))) {
    if (!signature.empty()) signature += ", ";
    signature += std::string(parameter.name) + ": " + types.write(parameter.schema);
    if (const auto value = parameter.schema.find("default")) {
      signature += " = " + write_python_literal(*value);
    } else if (!parameter.is_required) {
      signature += " = ...";
    }
    if (const std::string text = describe(reader, parameter); !text.empty()) {
      lines.push_back(std::string(parameter.name) + ": " + text);
    }
  }
  return "def " + tool.name + "(" + signature + "):\n" + write_docstring(tool.description, lines);
}

}  // namespace atonce::model
