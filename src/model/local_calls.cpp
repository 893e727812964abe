#include "model/local_calls.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace atonce::model {
namespace {

constexpr int kMostDepth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool ends_name(char c) { return std::string_view(" \t\r\n()=,'\"[]{}").contains(c); }

void append_utf8(std::string& text, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { text.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
  }
}

// Reads Python literals from the front of a text. Every read_ returns nothing on a fault and notes
// the first one, so that the callers stay short.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::vector<call::Call>> read_block() {
    skip_fence();
    std::vector<call::Call> calls;
    for (skip_blank(); position_ < text_.size() && !at("```"); skip_blank()) {
      auto call = read_call();
      if (!call) return std::nullopt;
      calls.push_back(std::move(*call));
    }
    return calls;
  }

  [[nodiscard]] std::string fault() const {
    return "the model's calls cannot be read: expected " + expected_ + " at byte " +
           std::to_string(fault_at_) + " of `" + json::to_valid_utf8(text_.substr(0, 200)) + "`";
  }

 private:
  [[nodiscard]] bool at(std::string_view token) const {
    return text_.substr(position_).starts_with(token);
  }

  std::nullopt_t fail(std::string_view expected) {
    if (expected_.empty()) {
      expected_ = expected;
      fault_at_ = position_;
    }
    return std::nullopt;
  }

  bool take(char c) {
    skip_blank();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  // Line ends are blanks too: calls are told apart by their brackets, so a long one may be broken.
  void skip_blank() {
    while (position_ < text_.size()) {
      if (std::string_view(" \t\r\n").contains(text_[position_])) {
        ++position_;
      } else if (text_[position_] == '#') {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else {
        return;
      }
    }
  }

  void skip_fence() {
    skip_blank();
    if (at("```")) position_ = std::min(text_.find('\n', position_), text_.size());
  }

  std::string_view read_name() {
    skip_blank();
    const std::size_t start = position_;
    while (position_ < text_.size() && !ends_name(text_[position_])) ++position_;
    return text_.substr(start, position_ - start);
  }

  std::optional<call::Call> read_call() {
    const std::string_view name = read_name();
    if (name.empty()) return fail("a function's name");
    if (!take('(')) return fail("'('");
    json::Writer arguments;
    arguments.begin_object();
    while (!take(')')) {
      if (!read_argument(arguments)) return std::nullopt;
      if (!take(',') && !at_closing()) return fail("',' or ')'");
    }
    arguments.end_object();
    return call::Call{.id = {}, .name = std::string(name), .arguments = arguments.take()};
  }

  bool at_closing() {
    skip_blank();
    return at(")");
  }

  bool read_argument(json::Writer& arguments) {
    const std::string_view key = read_name();
    if (key.empty() || !take('=')) return fail("key=value"), false;
    arguments.key(key);
    return read_value(arguments, 0);
  }

  bool read_value(json::Writer& out, int depth) {
    skip_blank();
    if (depth > kMostDepth) return fail("no deeper nesting"), false;
    if (position_ >= text_.size()) return fail("a value"), false;
    const char c = text_[position_];
    if (c == '"' || c == '\'') return read_strings(out);
    if (c == '[') return read_items(out, '[', ']', depth);
    if (c == '(') return read_items(out, '(', ')', depth);
    if (c == '{') return read_dict(out, depth);
    if (c == '-' || c == '+' || c == '.' || is_digit(c)) return read_number(out);
    return read_word(out);
  }

  bool read_items(json::Writer& out, char open, char close, int depth) {
    static_cast<void>(take(open));
    out.begin_array();
    while (!take(close)) {
      if (!read_value(out, depth + 1)) return false;
      if (take(',')) continue;
      if (!take(close)) return fail("',' or a closing bracket"), false;
      break;
    }
    out.end_array();
    return true;
  }

  bool read_dict(json::Writer& out, int depth) {
    static_cast<void>(take('{'));
    out.begin_object();
    while (!take('}')) {
      const auto key = read_string();
      if (!key) return false;
      if (!take(':')) return fail("':'"), false;
      out.key(*key);
      if (!read_value(out, depth + 1)) return false;
      if (take(',')) continue;
      if (!take('}')) return fail("',' or '}'"), false;
      break;
    }
    out.end_object();
    return true;
  }

  bool read_word(json::Writer& out) {
    const std::size_t start = position_;
    const std::string_view word = read_name();
    if (word == "True" || word == "true") return out.boolean(true), true;
    if (word == "False" || word == "false") return out.boolean(false), true;
    if (word == "None" || word == "null") return out.null(), true;
    position_ = start;
    return fail("a value"), false;
  }

  // Python's numbers that JSON has too, and 1_000, .5, 5. and +5, which are rewritten.
  bool read_number(json::Writer& out) {
    const std::size_t start = position_;
    std::string digits;
    while (position_ < text_.size() &&
           (is_digit(text_[position_]) || std::string_view("+-._eE").contains(text_[position_]))) {
      const char c = text_[position_++];
      if (c == '_' || (c == '+' && digits.empty())) continue;
      if (c == '.' && (digits.empty() || digits == "-")) digits += '0';
      digits += c;
    }
    if (digits.ends_with('.')) digits += '0';
    // Checked by the JSON parser itself: what is written raw must be valid whatever the model
    // wrote.
    const auto number = json::Document::parse(digits);
    if (!number || !number->root().is(json::Kind::number)) {
      position_ = start;
      return fail("a number"), false;
    }
    out.raw(digits);
    return true;
  }

  // One string, or several in a row, which Python joins.
  bool read_strings(json::Writer& out) {
    std::string text;
    do {
      auto part = read_string();
      if (!part) return false;
      text += *part;
      skip_blank();
    } while (at("\"") || at("'"));
    out.string(text);
    return true;
  }

  std::optional<std::string> read_string() {
    skip_blank();
    if (!at("\"") && !at("'")) return fail("a string");
    const char quote = text_[position_++];
    std::string text;
    while (position_ < text_.size() && text_[position_] != quote) {
      if (text_[position_] == '\\') {
        if (!read_escape(text)) return std::nullopt;
      } else {
        text.push_back(text_[position_++]);
      }
    }
    if (position_ >= text_.size()) return fail("a closing quote");
    ++position_;
    return text;
  }

  bool read_escape(std::string& text) {
    ++position_;
    if (position_ >= text_.size()) return fail("an escape"), false;
    const char c = text_[position_++];
    constexpr std::string_view kNames = "abfnrtv\\'\"/0";
    constexpr std::string_view kValues{"\a\b\f\n\r\t\v\\'\"/\0", 12};
    if (const auto index = kNames.find(c); index != std::string_view::npos) {
      text.push_back(kValues[index]);
    } else if (c == 'x') {
      return read_code(text, 2);
    } else if (c == 'u') {
      return read_code(text, 4);
    } else if (c == 'U') {
      return read_code(text, 8);
    } else if (c != '\n') {  // a backslash at the line's end continues the string
      text += {'\\', c};     // as Python does with an escape that it does not know
    }
    return true;
  }

  bool read_code(std::string& text, std::size_t digits) {
    auto code = read_hex(digits);
    if (!code) return fail("hexadecimal digits"), false;
    const bool is_pair = *code >= 0xD800 && *code < 0xDC00 && at("\\u");
    if (is_pair) {  // as JSON writes characters beyond 0xFFFF
      position_ += 2;
      const auto low = read_hex(4);
      if (!low) return fail("hexadecimal digits"), false;
      code = *low >= 0xDC00 && *low < 0xE000 ? 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)
                                             : 0xFFFD;
    }
    if (*code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) code = 0xFFFD;
    append_utf8(text, *code);
    return true;
  }

  std::optional<std::uint32_t> read_hex(std::size_t digits) {
    const std::string_view part = text_.substr(position_, digits);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(part.begin(), part.end(), code, 16);
    if (part.size() < digits || error != std::errc{} || end != part.end()) return std::nullopt;
    position_ += digits;
    return code;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string expected_;
  std::size_t fault_at_ = 0;
};

void write_literal(std::string& text, const json::View& value) {
  switch (value.kind()) {
    case json::Kind::null: text += "None"; return;
    case json::Kind::boolean: text += *value.as_bool() ? "True" : "False"; return;
    case json::Kind::number: text += value.raw(); return;
    case json::Kind::string: text += json::quoted(*value.as_string()); return;
    case json::Kind::array: {
      text += '[';
      std::string_view separator;
      for (const json::View& item : value.items()) {
        text += separator;
        write_literal(text, item);
        separator = ", ";
      }
      text += ']';
      return;
    }
    case json::Kind::object: {
      text += '{';
      std::string_view separator;
      for (const json::Member& member : value.members()) {
        text += std::string(separator) + json::quoted(member.key) + ": ";
        write_literal(text, member.value);
        separator = ", ";
      }
      text += '}';
      return;
    }
  }
}

}  // namespace

Result<std::vector<call::Call>> read_call_block(std::string_view block) {
  Reader reader(block);
  auto calls = reader.read_block();
  if (!calls) return failure(ErrorCode::bad_response, reader.fault());
  return std::move(*calls);
}

std::string write_python_literal(const json::View& value) {
  std::string text;
  write_literal(text, value);
  return text;
}

std::string write_call_line(const call::Call& call) {
  const auto arguments = json::Document::parse(call.arguments);
  if (!arguments || !arguments->root().is(json::Kind::object)) {
    return call.name + "(" + call.arguments + ")";
  }
  std::string line = call.name + "(";
  std::string_view separator;
  for (const json::Member& member : arguments->root().members()) {
    line += std::string(separator) + std::string(member.key) + "=";
    write_literal(line, member.value);
    separator = ", ";
  }
  return line + ")";
}

}  // namespace atonce::model
