#include "protocol/gemini_partial_call.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/json_fields.h"

namespace atonce::protocol::gemini {
namespace {

using json::Kind;
using json::View;

// No tool has that many; a path with a huge index must not take the memory.
constexpr std::size_t kMostValues = 100'000;
// Less than the JSON reader's limit, so that what is put together can be read again.
constexpr std::size_t kMostSteps = 100;

bool is_true(const std::optional<View>& view) { return view && view->as_bool().value_or(false); }

// The text of a quoted name of a JSON path, whose quotes may be single ones.
std::optional<std::string> unquoted(std::string_view quoted) {
  std::string text = "\"";
  for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
    const bool is_escape = quoted[at] == '\\' && at + 2 < quoted.size();
    if (is_escape && quoted[at + 1] == '\'') {
      text += quoted[++at];
    } else if (is_escape) {
      text += quoted.substr(at++, 2);
    } else {
      text += quoted[at] == '"' ? "\\\"" : std::string(1, quoted[at]);
    }
  }
  const auto document = json::Document::parse(text + '"');
  const auto name = document ? document->root().as_string() : std::nullopt;
  return name ? std::optional(std::string(*name)) : std::nullopt;
}

// The length of the quoted name that `path` begins with, quotes included; 0 if it is not closed.
std::size_t quoted_length(std::string_view path) {
  for (std::size_t at = 1; at < path.size(); ++at) {
    if (path[at] == '\\') {
      ++at;
    } else if (path[at] == path[0]) {
      return at + 1;
    }
  }
  return 0;
}

}  // namespace

Result<void> PartialArguments::add(const View& piece) {
  const std::string path = text_of(piece.find_either("jsonPath", "json_path"));
  std::vector<Step> steps;
  const bool is_path = parse_path(path, steps) && !steps.empty() && steps.size() <= kMostSteps;
  Value* const value = is_path ? find(steps) : nullptr;
  if (value != nullptr && assign(*value, piece)) return {};
  return failure(ErrorCode::bad_response,
                 "the server's partial argument `" + path + "` cannot be put in its place");
}

void PartialArguments::set(const View& arguments) {
  root_ = value_of(arguments);
  values_ = 0;
}

std::string PartialArguments::json() const {
  json::Writer writer;
  write(writer, root_);
  return writer.take();
}

// RFC 9535 as far as it names one value: $.name, ['name'], ["name"], [0].
bool PartialArguments::parse_path(std::string_view path, std::vector<Step>& steps) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (path.front() == '[') {
      if (!parse_bracket(path, steps)) return false;
      continue;
    }
    if (path.front() != '.') return false;
    const std::string_view name = path.substr(1, path.find_first_of(".[", 1) - 1);
    if (name.empty()) return false;
    steps.push_back({.name = std::string(name)});
    path.remove_prefix(1 + name.size());
  }
  return true;
}

// Takes one bracket off the front of `path`.
bool PartialArguments::parse_bracket(std::string_view& path, std::vector<Step>& steps) {
  path.remove_prefix(1);
  if (path.starts_with('\'') || path.starts_with('"')) {
    const std::size_t length = quoted_length(path);
    auto name = length > 0 ? unquoted(path.substr(0, length)) : std::nullopt;
    if (!name) return false;
    steps.push_back({.name = *std::move(name)});
    path.remove_prefix(length);
  } else {
    Step step{.is_index = true};
    const char* const from = path.data();
    const auto [end, error] = std::from_chars(from, from + path.size(), step.index);
    if (error != std::errc{}) return false;
    steps.push_back(step);
    path.remove_prefix(static_cast<std::size_t>(end - from));
  }
  if (!path.starts_with(']')) return false;
  path.remove_prefix(1);
  return true;
}

PartialArguments::Value* PartialArguments::find(const std::vector<Step>& steps) {
  Value* value = &root_;
  for (const Step& step : steps) {
    value = child(*value, step);
    if (value == nullptr) return nullptr;
  }
  return value;
}

// The value that a step leads to, made if need be; nothing where there is a value of another kind.
PartialArguments::Value* PartialArguments::child(Value& value, const Step& step) {
  const Value::Kind kind = step.is_index ? Value::Kind::array : Value::Kind::object;
  if (value.kind == Value::Kind::none) value.kind = kind;
  if (value.kind != kind) return nullptr;
  std::size_t at = step.index;
  if (!step.is_index) {
    at = static_cast<std::size_t>(std::ranges::find(value.names, step.name) - value.names.begin());
    if (at == value.names.size()) value.names.push_back(step.name);
  }
  if (at >= value.values.size()) {
    if (at >= kMostValues) return nullptr;
    values_ += at + 1 - value.values.size();
    if (values_ > kMostValues) return nullptr;
    value.values.resize(at + 1);
  }
  return &value.values[at];
}

bool PartialArguments::assign(Value& value, const View& piece) {
  if (value.kind == Value::Kind::object || value.kind == Value::Kind::array) return false;
  const auto string = piece.find_either("stringValue", "string_value");
  if (string && string->is(Kind::string)) {
    if (value.kind != Value::Kind::text) value = {.kind = Value::Kind::text};
    value.text += *string->as_string();
    return true;
  }
  auto scalar = piece.find_either("numberValue", "number_value");
  if (!scalar) scalar = piece.find_either("boolValue", "bool_value");
  if (scalar) {
    value = {.kind = Value::Kind::scalar, .text = std::string(scalar->raw())};
    return true;
  }
  if (piece.find("nullValue") || piece.find("null_value")) {
    value = {.kind = Value::Kind::scalar, .text = "null"};
    return true;
  }
  return is_true(piece.find_either("willContinue", "will_continue"));  // nothing of it yet
}

PartialArguments::Value PartialArguments::value_of(const View& view) {
  Value value;
  if (view.is(Kind::object)) {
    value.kind = Value::Kind::object;
    for (const auto& [key, member] : view.members()) {
      value.names.emplace_back(key);
      value.values.push_back(value_of(member));
    }
  } else if (view.is(Kind::array)) {
    value.kind = Value::Kind::array;
    for (const View& item : view.items()) value.values.push_back(value_of(item));
  } else if (const auto text = view.as_string()) {
    value = {.kind = Value::Kind::text, .text = std::string(*text)};
  } else {
    value = {.kind = Value::Kind::scalar, .text = std::string(view.raw())};
  }
  return value;
}

void PartialArguments::write(json::Writer& writer, const Value& value) {
  switch (value.kind) {
    case Value::Kind::none: writer.null(); return;
    case Value::Kind::scalar: writer.raw(value.text); return;
    case Value::Kind::text: writer.string(value.text); return;
    case Value::Kind::array:
      writer.begin_array();
      for (const Value& item : value.values) write(writer, item);
      writer.end_array();
      return;
    case Value::Kind::object:
      writer.begin_object();
      for (std::size_t at = 0; at < value.names.size(); ++at) {
        writer.key(value.names[at]);
        write(writer, value.values[at]);
      }
      writer.end_object();
  }
}

PartialCall::PartialCall(const View& part) { keep_siblings(part); }

Result<void> PartialCall::add(const View& part, const View& call) {
  keep_siblings(part);
  if (name_.empty()) name_ = text_of(call.find("name"));
  if (id_.empty()) id_ = text_of(call.find("id"));
  const auto arguments = call.find("args");
  if (arguments && !arguments->members().empty()) arguments_.set(*arguments);
  const auto pieces = call.find_either("partialArgs", "partial_args");
  if (!pieces) return {};
  if (pieces->is(Kind::object)) return arguments_.add(*pieces);
  for (const View& piece : pieces->items()) {
    if (auto added = arguments_.add(piece); !added) return added;
  }
  return {};
}

std::string PartialCall::part() const {
  json::Writer writer;
  writer.begin_object().key("functionCall").begin_object();
  if (!id_.empty()) writer.key("id").string(id_);
  writer.key("name").string(name_).key("args").raw(arguments_.json()).end_object();
  for (const auto& [name, value] : siblings_) writer.key(name).raw(value);
  writer.end_object();
  return writer.take();
}

// The first part that has a sibling counts, as signatures come with the opening one.
void PartialCall::keep_siblings(const View& part) {
  for (const auto& [key, value] : part.members()) {
    if (key == "functionCall" || key == "function_call") continue;
    const bool has_it =
        std::ranges::any_of(siblings_, [&](const auto& sibling) { return sibling.first == key; });
    if (!has_it) siblings_.emplace_back(key, value.raw());
  }
}

}  // namespace atonce::protocol::gemini
