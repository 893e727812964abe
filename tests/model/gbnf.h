// A small matcher of llama.cpp's grammar notation (GBNF), so that the grammars we make can be tried
// on texts without llama.cpp. Knows what our grammars use: rules, literals, character classes,
// groups, alternatives and repetitions. Counts characters, not bytes. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atonce::model {

// The characters of UTF-8 text; a byte that begins none counts as one itself.
inline std::u32string characters_of(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    out.push_back(code);
    i += length;
  }
  return out;
}

class Gbnf final {
 public:
  // A grammar that cannot be parsed fails the test that made it.
  explicit Gbnf(std::string_view text) : text_(characters_of(text)) {
    for (skip_blank(true); at_ < text_.size(); skip_blank(true)) {
      const std::string name = parse_name();
      skip_blank(false);
      expect(U"::=");
      rules_[name] = parse_alternatives(false);
    }
    text_.clear();
  }

  // Whether all of `text` can be made from the rule `start`.
  [[nodiscard]] bool accepts(std::string_view text, const std::string& start = "root") {
    input_ = characters_of(text);
    known_.clear();
    return ends_of_rule(start, 0).contains(input_.size());
  }

 private:
  using Ends = std::set<std::size_t>;  // where a match that began at a given place may end

  struct Node {
    enum class Kind { literal, characters, rule, sequence, choice, repetition } kind;
    std::u32string text = {};                                    // literal
    std::vector<std::pair<char32_t, char32_t>> ranges = {};      // characters
    bool is_negated = false;                                     // characters
    std::string name = {};                                       // rule
    std::vector<std::shared_ptr<Node>> parts = {};               // the rest
    std::size_t least = 0, most = static_cast<std::size_t>(-1);  // repetition
  };
  using NodePointer = std::shared_ptr<Node>;

  [[nodiscard]] bool at(char32_t c) const { return at_ < text_.size() && text_[at_] == c; }

  void expect(std::u32string_view token) {
    if (text_.compare(at_, token.size(), token) != 0) {
      ADD_FAILURE() << "the grammar cannot be parsed at character " << at_;
      at_ = text_.size();
    } else {
      at_ += token.size();
    }
  }

  void skip_blank(bool with_line_ends) {
    while (at(' ') || at('\t') || (with_line_ends && at('\n'))) ++at_;
  }

  static bool is_name_character(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  }

  std::string parse_name() {
    std::string name;
    while (at_ < text_.size() && is_name_character(text_[at_])) {
      name.push_back(static_cast<char>(text_[at_++]));
    }
    if (name.empty()) expect(U"a rule's name");
    return name;
  }

  NodePointer parse_alternatives(bool is_group) {
    NodePointer choice(new Node{.kind = Node::Kind::choice});
    do {
      choice->parts.push_back(parse_sequence(is_group));
    } while (at('|') && ++at_);
    return choice;
  }

  NodePointer parse_sequence(bool is_group) {
    NodePointer sequence(new Node{.kind = Node::Kind::sequence});
    for (skip_blank(is_group); at_ < text_.size() && !at('|') && !at(')') && !at('\n');
         skip_blank(is_group)) {
      sequence->parts.push_back(parse_repetition(parse_item()));
    }
    return sequence;
  }

  NodePointer parse_item() {
    if (at('"')) return parse_literal();
    if (at('[')) return parse_characters();
    if (at('(')) {
      ++at_;
      NodePointer group = parse_alternatives(true);
      expect(U")");
      return group;
    }
    return NodePointer(new Node{.kind = Node::Kind::rule, .name = parse_name()});
  }

  NodePointer parse_repetition(NodePointer item) {
    std::size_t least = 0;
    std::size_t most = static_cast<std::size_t>(-1);
    if (at('?')) {
      most = 1, ++at_;
    } else if (at('*')) {
      ++at_;
    } else if (at('{')) {
      ++at_;
      least = most = parse_number();
      if (at(',')) ++at_, most = parse_number();
      expect(U"}");
    } else {
      return item;
    }
    return NodePointer(new Node{
        .kind = Node::Kind::repetition, .parts = {std::move(item)}, .least = least, .most = most});
  }

  std::size_t parse_number() {
    std::size_t number = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      number = number * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    }
    return number;
  }

  char32_t parse_character() {
    if (!at('\\')) return text_[at_++];
    const char32_t escape = text_[at_ + 1];
    at_ += 2;
    if (escape == 'n') return '\n';
    if (escape != 'x') return escape;
    const std::string digits{static_cast<char>(text_[at_]), static_cast<char>(text_[at_ + 1])};
    at_ += 2;
    return static_cast<char32_t>(std::stoul(digits, nullptr, 16));
  }

  NodePointer parse_literal() {
    NodePointer literal(new Node{.kind = Node::Kind::literal});
    for (++at_; at_ < text_.size() && !at('"');) literal->text.push_back(parse_character());
    expect(U"\"");
    return literal;
  }

  NodePointer parse_characters() {
    NodePointer set(new Node{.kind = Node::Kind::characters});
    ++at_;
    set->is_negated = at('^') && ++at_;
    while (at_ < text_.size() && !at(']')) {
      const char32_t first = parse_character();
      const bool is_range = at('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']' && ++at_;
      set->ranges.emplace_back(first, is_range ? parse_character() : first);
    }
    expect(U"]");
    return set;
  }

  const Ends& ends_of_rule(const std::string& name, std::size_t from) {
    const auto [known, is_new] = known_.try_emplace({name, from});
    if (!is_new) return known->second;
    const auto rule = rules_.find(name);
    if (rule == rules_.end()) {
      ADD_FAILURE() << "the grammar has no rule `" << name << "`";
      return known->second;
    }
    return known->second = ends_of(*rule->second, from);
  }

  Ends ends_of(const Node& node, std::size_t from) {
    switch (node.kind) {
      case Node::Kind::literal:
        return input_.compare(from, node.text.size(), node.text) == 0
                   ? Ends{from + node.text.size()}
                   : Ends{};
      case Node::Kind::characters: return matches(node, from) ? Ends{from + 1} : Ends{};
      case Node::Kind::rule: return ends_of_rule(node.name, from);
      case Node::Kind::sequence: return ends_of_sequence(node, from);
      case Node::Kind::repetition: return ends_of_repetition(node, from);
      case Node::Kind::choice: break;
    }
    Ends ends;
    for (const NodePointer& part : node.parts) ends.merge(ends_of(*part, from));
    return ends;
  }

  [[nodiscard]] bool matches(const Node& set, std::size_t from) const {
    if (from >= input_.size()) return false;
    bool is_in = false;
    for (const auto& [first, last] : set.ranges) {
      is_in = is_in || (input_[from] >= first && input_[from] <= last);
    }
    return is_in != set.is_negated;
  }

  Ends ends_of_each(const Node& node, const Ends& starts) {
    Ends ends;
    for (const std::size_t start : starts) ends.merge(ends_of(node, start));
    return ends;
  }

  Ends ends_of_sequence(const Node& sequence, std::size_t from) {
    Ends ends{from};
    for (const NodePointer& part : sequence.parts) ends = ends_of_each(*part, ends);
    return ends;
  }

  Ends ends_of_repetition(const Node& repetition, std::size_t from) {
    Ends ends;
    Ends last{from};
    for (std::size_t count = 0; count <= repetition.most && !last.empty(); ++count) {
      if (count >= repetition.least) ends.insert(last.begin(), last.end());
      last = ends_of_each(*repetition.parts.front(), last);
    }
    return ends;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  std::map<std::string, NodePointer> rules_;
  std::u32string input_;
  std::map<std::pair<std::string, std::size_t>, Ends> known_;
};

}  // namespace atonce::model
