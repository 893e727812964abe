#include "base/json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <forward_list>
#include <ranges>
#include <utility>

namespace atonce::json {

namespace detail {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Node {
  Kind kind = Kind::null;
  std::string_view raw = {};
  std::string_view key = {};     // of the member this node is the value of
  std::string_view string = {};  // unescaped, for strings
  std::size_t first_child = kNone;
  std::size_t next_sibling = kNone;
};

// Owns the text and everything that the nodes' views point into; never moves once built.
struct Tree {
  simdjson::padded_string text;
  std::forward_list<std::string> unescaped;  // what does not stand in the text as such
  std::vector<Node> nodes;
};

}  // namespace detail

namespace {

using detail::kNone;
using detail::Node;
using detail::Tree;
namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// RFC 8259's number: -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?  simdjson's own check refuses integers
// that fit no machine type, and those must pass through unchanged.
bool is_number(std::string_view text) {
  std::size_t at = 0;
  auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  auto skip = [&](std::string_view any_of) {
    const bool found = at < text.size() && any_of.contains(text[at]);
    at += found ? 1 : 0;
    return found;
  };
  skip("-");
  const bool leads_with_zero = at < text.size() && text[at] == '0';
  const std::size_t digits = skip_digits();
  if (digits == 0 || (leads_with_zero && digits > 1)) return false;
  if (skip(".") && skip_digits() == 0) return false;
  if (skip("eE")) {
    skip("+-");
    if (skip_digits() == 0) return false;
  }
  return at == text.size();
}

// Its buffers are used again for the next text on this thread, unless they have become large.
ondemand::parser& parser_of_thread() {
  thread_local ondemand::parser parser;
  return parser;
}

void shrink_parser_of_thread() {
  constexpr std::size_t kKeptBytes = std::size_t{64} << 10;
  if (parser_of_thread().capacity() > kKeptBytes) parser_of_thread() = ondemand::parser();
}

// Walks the whole text once, filling the tree; simdjson's on-demand parser checks as it goes.
class Builder {
 public:
  Builder(Tree& tree, std::size_t max_depth) : tree_(tree), max_depth_(max_depth) {}

  simdjson::error_code build() {
    ondemand::document document;
    if (auto error = parser_of_thread().iterate(tree_.text).get(document)) return error;
    bool is_scalar = false;
    if (auto error = document.is_scalar().get(is_scalar)) return error;
    if (is_scalar) return add_root_scalar(document);
    ondemand::value value;
    if (auto error = document.get_value().get(value)) return error;
    std::size_t root = 0;
    if (auto error = add(value, 1, root)) return error;
    return check_end();
  }

 private:
  // On-demand documents that are one scalar have accessors of their own.
  simdjson::error_code add_root_scalar(ondemand::document& document) {
    std::string_view token;
    if (auto error = document.raw_json_token().get(token)) return error;
    Node node{.raw = trimmed(token)};
    if (node.raw.starts_with('"')) {
      node.kind = Kind::string;
      if (auto error = document.get_string().get(node.string)) return error;
      node.string = keep(node.string, node.raw.data() + 1);
      tree_.nodes.push_back(node);
      return check_end();
    }
    if (auto error = add_token(node)) return error;
    return check_end();
  }

  [[nodiscard]] simdjson::error_code check_end() const {
    const std::string_view text(tree_.text.data(), tree_.text.size());
    const std::string_view root = tree_.nodes.front().raw;
    const auto end = static_cast<std::size_t>(root.data() + root.size() - text.data());
    const bool is_blank = text.find_first_not_of(" \t\r\n", end) == std::string_view::npos;
    return is_blank ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
  }

  simdjson::error_code add_token(Node node) {
    if (node.raw == "null") {
      node.kind = Kind::null;
    } else if (node.raw == "true" || node.raw == "false") {
      node.kind = Kind::boolean;
    } else if (is_number(node.raw)) {
      node.kind = Kind::number;
    } else {
      return simdjson::TAPE_ERROR;
    }
    tree_.nodes.push_back(node);
    return simdjson::SUCCESS;
  }

  simdjson::error_code add(ondemand::value value, std::size_t depth, std::size_t& index) {
    if (depth > max_depth_) return simdjson::DEPTH_ERROR;
    index = tree_.nodes.size();
    ondemand::json_type type{};
    if (auto error = value.type().get(type)) return error;
    if (type == ondemand::json_type::array) return add_array(value, depth, index);
    if (type == ondemand::json_type::object) return add_object(value, depth, index);
    Node node{.raw = trimmed(value.raw_json_token())};
    if (type != ondemand::json_type::string) return add_token(node);
    node.kind = Kind::string;
    if (auto error = value.get_string().get(node.string)) return error;
    node.string = keep(node.string, node.raw.data() + 1);
    tree_.nodes.push_back(node);
    return simdjson::SUCCESS;
  }

  simdjson::error_code add_array(ondemand::value& value, std::size_t depth, std::size_t index) {
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return error;
    std::string_view raw;
    if (auto error = array.raw_json().get(raw)) return error;
    if (auto error = array.reset().error()) return error;
    tree_.nodes.push_back(Node{.kind = Kind::array, .raw = trimmed(raw)});
    std::size_t previous = kNone;
    for (auto element : array) {
      ondemand::value item;
      if (auto error = element.get(item)) return error;
      std::size_t child = 0;
      if (auto error = add(item, depth + 1, child)) return error;
      link(index, previous, child);
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code add_object(ondemand::value& value, std::size_t depth, std::size_t index) {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    std::string_view raw;
    if (auto error = object.raw_json().get(raw)) return error;
    if (auto error = object.reset().error()) return error;
    tree_.nodes.push_back(Node{.kind = Kind::object, .raw = trimmed(raw)});
    std::size_t previous = kNone;
    for (auto element : object) {
      ondemand::field field;
      if (auto error = std::move(element).get(field)) return error;
      const char* const source = field.key().raw();
      std::string_view key;
      if (auto error = field.unescaped_key().get(key)) return error;
      key = keep(key, source);
      std::size_t child = 0;
      if (auto error = add(field.value(), depth + 1, child)) return error;
      tree_.nodes[child].key = key;
      link(index, previous, child);
    }
    return simdjson::SUCCESS;
  }

  // The parser's buffer is used again: what stands in the text is seen there, the rest is kept.
  std::string_view keep(std::string_view unescaped, const char* source) {
    const std::string_view there(source, unescaped.size());  // never longer than what was escaped
    return there == unescaped ? there : tree_.unescaped.emplace_front(unescaped);
  }

  void link(std::size_t parent, std::size_t& previous, std::size_t child) {
    (previous == kNone ? tree_.nodes[parent].first_child : tree_.nodes[previous].next_sibling) =
        child;
    previous = child;
  }

  Tree& tree_;
  std::size_t max_depth_;
};

std::string parse_message(simdjson::error_code error, const Limits& limits) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "nested deeper than " + std::to_string(limits.max_depth) + " levels";
    case simdjson::EMPTY: return "not JSON: the text is empty";
    case simdjson::UTF8_ERROR: return "not JSON: the text is not valid UTF-8";
    case simdjson::TRAILING_CONTENT: return "not JSON: something follows the value";
    case simdjson::UNCLOSED_STRING: return "not JSON: a string is not closed";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "not JSON: an array or object is not closed";
    default: return std::string("not JSON: ") + simdjson::error_message(error);
  }
}

}  // namespace

Kind View::kind() const { return tree_->nodes[node_].kind; }

std::string_view View::raw() const { return tree_->nodes[node_].raw; }

std::optional<std::string_view> View::as_string() const {
  const Node& node = tree_->nodes[node_];
  return node.kind == Kind::string ? std::optional(node.string) : std::nullopt;
}

std::optional<bool> View::as_bool() const {
  const Node& node = tree_->nodes[node_];
  return node.kind == Kind::boolean ? std::optional(node.raw == "true") : std::nullopt;
}

std::optional<double> View::as_double() const {
  const Node& node = tree_->nodes[node_];
  if (node.kind != Kind::number) return std::nullopt;
  double value = 0;
  std::from_chars(node.raw.data(), node.raw.data() + node.raw.size(), value);
  return value;
}

std::optional<std::int64_t> View::as_int64() const {
  const Node& node = tree_->nodes[node_];
  if (node.kind != Kind::number && node.kind != Kind::string) return std::nullopt;
  const std::string_view text = node.kind == Kind::string ? node.string : node.raw;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && stop == end) return value;
  const std::optional<double> number = as_double();
  if (!number || std::trunc(*number) != *number || std::abs(*number) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<View> View::find(std::string_view key) const {
  if (!is(Kind::object)) return std::nullopt;
  std::optional<View> found;
  for (std::size_t at = tree_->nodes[node_].first_child; at != kNone;
       at = tree_->nodes[at].next_sibling) {
    if (tree_->nodes[at].key == key) found = View(*tree_, at);
  }
  return found;
}

std::optional<View> View::find_either(std::string_view key, std::string_view other) const {
  for (const std::string_view name : {key, other}) {
    if (auto found = find(name); found && !found->is(Kind::null)) return found;
  }
  return std::nullopt;
}

std::vector<View> View::items() const {
  std::vector<View> items;
  if (!is(Kind::array)) return items;
  for (std::size_t at = tree_->nodes[node_].first_child; at != kNone;
       at = tree_->nodes[at].next_sibling) {
    items.emplace_back(*tree_, at);
  }
  return items;
}

std::vector<Member> View::members() const {
  std::vector<Member> members;
  if (!is(Kind::object)) return members;
  for (std::size_t at = tree_->nodes[node_].first_child; at != kNone;
       at = tree_->nodes[at].next_sibling) {
    members.push_back({tree_->nodes[at].key, View(*tree_, at)});
  }
  return members;
}

Document::Document(std::unique_ptr<detail::Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

View Document::root() const { return View(*tree_, 0); }

Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    return failure(ErrorCode::bad_input, "the JSON text has " + std::to_string(text.size()) +
                                             " bytes, more than the limit of " +
                                             std::to_string(limits.max_bytes));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  auto tree = std::make_unique<detail::Tree>();
  tree->text = simdjson::padded_string(text);
  tree->nodes.reserve(std::min<std::size_t>(text.size() / 12 + 1, 64));  // most texts are small
  const auto error = Builder(*tree, limits.max_depth).build();
  shrink_parser_of_thread();
  if (error) return failure(ErrorCode::bad_input, parse_message(error, limits));
  return Document(std::move(tree));
}

struct Writer::Impl {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

Writer::Writer() : impl_(std::make_unique<Impl>()) {}
Writer::~Writer() = default;

Writer& Writer::begin_object() { return impl_->writer.StartObject(), *this; }
Writer& Writer::end_object() { return impl_->writer.EndObject(), *this; }
Writer& Writer::begin_array() { return impl_->writer.StartArray(), *this; }
Writer& Writer::end_array() { return impl_->writer.EndArray(), *this; }
Writer& Writer::integer(std::int64_t value) { return impl_->writer.Int64(value), *this; }
Writer& Writer::boolean(bool value) { return impl_->writer.Bool(value), *this; }
Writer& Writer::null() { return impl_->writer.Null(), *this; }

Writer& Writer::key(std::string_view key) { return string(key); }

Writer& Writer::string(std::string_view text) {
  if (!simdjson::validate_utf8(text)) return string(to_valid_utf8(text));
  impl_->writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return *this;
}

Writer& Writer::number(double value) {
  if (std::isnan(value)) return string("NaN");
  if (std::isinf(value)) return string(value > 0 ? "Infinity" : "-Infinity");
  impl_->writer.Double(value);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  impl_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

std::string Writer::take() {
  std::string text(impl_->buffer.GetString(), impl_->buffer.GetSize());
  impl_->buffer.Clear();
  impl_->writer.Reset(impl_->buffer);
  return text;
}

std::string quoted(std::string_view text) { return Writer().string(text).take(); }

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < 4 && length < text.size() && (text[length] & '\xC0') == '\x80') ++length;
    while (length > 1 && !simdjson::validate_utf8(text.data(), length)) --length;
    valid += simdjson::validate_utf8(text.data(), length) ? text.substr(0, length) : "\xEF\xBF\xBD";
    text.remove_prefix(length);
  }
  return valid;
}

}  // namespace atonce::json
