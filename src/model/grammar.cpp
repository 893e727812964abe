#include "model/grammar.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/grammar_schema.h"
#include "model/local_calls.h"

namespace atonce::model {
namespace {

// Rules that every grammar has. `char` is one character of a string in double quotes.
constexpr std::string_view kCommonRules = R"gbnf(
char ::= [^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt'] | "u" [0-9a-fA-F]{4})
digits ::= [0-9]{1,15}
natural ::= "0" | [1-9] [0-9]{0,17}
integer ::= "-"? natural
number ::= "-"? natural ("." digits)? ([eE] [-+]? [0-9]{1,3})?
boolean ::= "True" | "False"
null ::= "None"
date-text ::= [0-9]{4} "-" [0-1] [0-9] "-" [0-3] [0-9]
time-text ::= [0-2] [0-9] ":" [0-5] [0-9] (":" [0-5] [0-9])? ("Z" | [-+] [0-2] [0-9] ":" [0-5] [0-9])?
date ::= "\"" date-text "\""
time ::= "\"" time-text "\""
date-time ::= "\"" date-text "T" time-text "\""
any ::= string | number | boolean | null | any-list | any-dict
any-list ::= "[" (any (", " any)*)? "]"
any-dict ::= "{" (string ": " any (", " string ": " any)*)? "}"
)gbnf";

// `text` as a GBNF terminal.
std::string terminal(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string bounds(std::size_t least, std::size_t most) {
  return "{" + std::to_string(least) + "," + std::to_string(most) + "}";
}

std::size_t size_of(json::View schema, std::string_view key, std::size_t otherwise) {
  const auto value = schema.find(key);
  const auto number = value ? value->as_int64() : std::nullopt;
  return number && *number >= 0 ? static_cast<std::size_t>(*number) : otherwise;
}

// The rules of all tools; each tool has a namespace of its own ("t3-") because "$ref" is relative
// to it.
class Builder {
 public:
  explicit Builder(const GrammarOptions& options) : options_(options) {
    rules_ = kCommonRules;
    add_rule("string", R"("\"" char)" + bounds(0, options.most_characters) + R"( "\"")");
  }

  void add_tool(const call::ToolSpec& tool, json::View schema) {
    const SchemaReader reader(schema);
    reader_ = &reader;
    prefix_ = "t" + std::to_string(calls_.size());
    references_.clear();
    const auto object = reader.resolve(schema).value_or(schema);
    const std::string members = write_members(reader.parameters(object), Style::keywords);
    add_rule(prefix_, terminal(tool.name + "(") + " " + members + " \")\"");
    calls_.push_back(prefix_);
    reader_ = nullptr;
  }

  void add_reply() {
    const std::string opening = std::string(kReplyName) + "(" + std::string(kReplyKey) + "=\"";
    add_rule("reply", terminal(opening) + " char" + bounds(1, options_.most_reply_characters) +
                          " " + terminal("\")"));
  }

  std::string take(bool may_reply) {
    std::vector<std::string> blocks;
    if (may_reply) {
      add_reply();
      blocks.emplace_back("reply");
    }
    if (!calls_.empty()) {
      add_rule("call", joined(calls_, " | "));
      blocks.push_back(options_.most_calls > 1
                           ? R"(call ("\n" call))" + bounds(0, options_.most_calls - 1)
                           : "call");
    }
    add_rule("root", "(" + joined(blocks, " | ") + R"() "\n```")");
    return std::move(rules_);
  }

 private:
  enum class Style { keywords, dict };  // key=value or "key": value

  void add_rule(const std::string& name, const std::string& body) {
    rules_ += name + " ::= " + body + "\n";
  }

  // A rule of its own for `body`, so that repetitions and alternatives apply to all of it.
  std::string rule_of(const std::string& body) {
    const std::string name = prefix_ + "-" + std::to_string(++counter_);
    add_rule(name, body);
    return name;
  }

  std::string write_value(json::View schema) {
    if (const auto reference = schema.find("$ref")) return write_reference(schema, *reference);
    if (const auto choices = choices_of(schema); !choices.empty()) {
      std::vector<std::string> literals;
      for (const json::View& choice : choices)
        literals.push_back(terminal(write_python_literal(choice)));
      return rule_of(joined(literals, " | "));
    }
    if (const auto found = alternatives_of(schema); !found.empty()) {
      std::vector<std::string> values;
      for (const json::View& alternative : found) values.push_back(write_value(alternative));
      return rule_of(joined(values, " | "));
    }
    std::vector<std::string> values;
    for (const std::string_view type : types_of(schema)) values.push_back(write_type(schema, type));
    if (values.empty()) return schema.find("properties") ? write_object(schema) : "any";
    return values.size() == 1 ? values.front() : rule_of(joined(values, " | "));
  }

  // A referenced schema is written once and may refer to itself.
  std::string write_reference(json::View schema, json::View reference) {
    const std::string key(reference.as_string().value_or(""));
    if (const auto known = references_.find(key); known != references_.end()) return known->second;
    const std::string name = prefix_ + "-r" + std::to_string(references_.size());
    references_.emplace(key, name);
    const auto target = reader_->resolve(schema);
    add_rule(name, target ? write_value(*target) : "any");
    return name;
  }

  std::string write_type(json::View schema, std::string_view type) {
    if (type == "string") return write_string(schema);
    if (type == "integer" || type == "number") return write_number(schema, type);
    if (type == "boolean" || type == "null") return std::string(type);
    if (type == "array") return write_list(schema);
    if (type == "object") return write_object(schema);
    return "any";
  }

  std::string write_string(json::View schema) {
    const auto format = schema.find("format");
    const std::string_view name = format ? format->as_string().value_or("") : "";
    if (name == "date" || name == "time" || name == "date-time") return std::string(name);
    const std::size_t most =
        std::min(size_of(schema, "maxLength", options_.most_characters), options_.most_characters);
    const std::size_t least = std::min(size_of(schema, "minLength", 0), most);
    if (least == 0 && most == options_.most_characters) return "string";
    return rule_of(R"("\"" char)" + bounds(least, most) + R"( "\"")");
  }

  static std::string write_number(json::View schema, std::string_view type) {
    const auto least = schema.find("minimum");
    const bool is_natural = least && least->as_double().value_or(-1) >= 0;
    return type == "integer" && is_natural ? "natural" : std::string(type);
  }

  std::string write_list(json::View schema) {
    if (const auto places = schema.find("prefixItems")) {
      std::vector<std::string> values;
      for (const json::View& place : places->items()) values.push_back(write_value(place));
      return rule_of("\"[\" " + joined(values, R"( ", " )") + " \"]\"");
    }
    const auto items = schema.find("items");
    const std::string value = items ? write_value(*items) : "any";
    constexpr std::size_t kMost = 100;  // also what the notation's repetitions can bear
    const std::size_t most = std::min(size_of(schema, "maxItems", kMost), kMost);
    const std::size_t least = std::min(size_of(schema, "minItems", 0), most);
    if (most == 0) return terminal("[]");
    const std::string some =
        value + " (\", \" " + value + ")" + bounds(least > 0 ? least - 1 : 0, most - 1);
    return rule_of("\"[\" " + (least > 0 ? some : "(" + some + ")?") + " \"]\"");
  }

  std::string write_object(json::View schema) {
    const auto members = reader_->parameters(schema);
    if (!members.empty()) return rule_of("\"{\" " + write_members(members, Style::dict) + " \"}\"");
    const auto values = schema.find("additionalProperties");
    if (!values || !values->is(json::Kind::object)) return "any-dict";
    const std::string pair = "string \": \" " + write_value(*values);
    return rule_of("\"{\" (" + pair + " (\", \" " + pair + ")*)? \"}\"");
  }

  // Members in order; each optional one may be left out. `tail` says what may follow the member
  // before it: each of the rest, with its comma.
  std::string write_members(const std::vector<Parameter>& members, Style style) {
    std::vector<std::string> required;
    std::vector<std::string> optional;
    for (const Parameter& member : members) {
      const std::string key = style == Style::keywords ? std::string(member.name) + "="
                                                       : json::quoted(member.name) + ": ";
      (member.is_required ? required : optional)
          .push_back(terminal(key) + " " + write_value(member.schema));
    }
    std::string tail;                     // what may follow a member: `(", " x)? (", " y)?`
    std::vector<std::string> beginnings;  // an optional member first, then what may follow it
    for (auto member = optional.rbegin(); member != optional.rend(); ++member) {
      beginnings.insert(beginnings.begin(), *member + tail);
      tail = rule_tail(*member, tail);
    }
    if (!required.empty()) return joined(required, R"( ", " )") + tail;
    return beginnings.empty() ? R"("")" : "(" + joined(beginnings, " | ") + ")?";
  }

  std::string rule_tail(const std::string& member, const std::string& tail) {
    return " " + rule_of("(\", \" " + member + ")?" + tail);
  }

  const GrammarOptions options_;
  std::string rules_;
  std::vector<std::string> calls_;
  const SchemaReader* reader_ = nullptr;
  std::string prefix_;
  std::map<std::string, std::string> references_;  // "$ref" to the rule written for it
  std::size_t counter_ = 0;
};

}  // namespace

Result<std::string> make_call_grammar(std::span<const call::ToolSpec> tools,
                                      const GrammarOptions& options) {
  Builder builder(options);
  if (tools.empty() && !options.may_reply) {
    return failure(ErrorCode::bad_input,
                   "the model must call a function and there is none it may call");
  }
  for (const call::ToolSpec& tool : tools) {
    const auto schema = json::Document::parse(tool.input_schema);
    if (!schema) {
      return failure(ErrorCode::bad_input,
                     "the schema of `" + tool.name + "` cannot be read: " + schema.error().message);
    }
    builder.add_tool(tool, schema->root());
  }
  return builder.take(options.may_reply);
}

}  // namespace atonce::model
