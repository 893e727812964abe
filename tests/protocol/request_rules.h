// What the providers' APIs require of a request, as checkers that know nothing of how ours are
// written: each gives the rules that a body breaks, in words; none when the API would take it.
// tests/protocol/request_rules_test.cpp proves that every rule can be broken.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace atonce::protocol::rules {

using Problems = std::vector<std::string>;

// The ids of the calls in the answers that a server remembers, by the answers' ids.
using Kept = std::map<std::string, std::vector<std::string>, std::less<>>;

[[nodiscard]] Problems check_gemini(std::string_view body);
[[nodiscard]] Problems check_interactions(std::string_view body, const Kept& kept = {});
[[nodiscard]] Problems check_chat(std::string_view body);
[[nodiscard]] Problems check_responses(std::string_view body, const Kept& kept = {});

// Which of `pieces` is not in `text` as it is and after the ones before it; empty if all are.
[[nodiscard]] inline std::string find_missing(std::string_view text,
                                              const std::vector<std::string>& pieces) {
  std::size_t at = 0;
  for (const std::string& piece : pieces) {
    at = text.find(piece, at);
    if (at == std::string_view::npos) return piece;
    at += piece.size();
  }
  return "";
}

// Collects what is wrong, with where it is.
class Inspection final {
 public:
  using Names = std::initializer_list<std::string_view>;

  void require(bool holds, const std::string& otherwise) {
    if (!holds) problems_.push_back(otherwise);
  }

  // An object that has no members but these.
  void require_fields(const json::View& object, const std::string& where, Names known) {
    require(object.is(json::Kind::object), where + " is no object");
    for (const auto& [key, value] : object.members()) {
      require(std::ranges::find(known, key) != known.end(),
              where + ": unknown name \"" + std::string(key) + "\"");
    }
  }

  [[nodiscard]] Problems take() { return std::move(problems_); }

 private:
  Problems problems_;
};

[[nodiscard]] inline std::string text_at(const json::View& object, std::string_view key) {
  const auto member = object.find(key);
  return std::string(member ? member->as_string().value_or("") : "");
}

[[nodiscard]] inline std::vector<json::View> items_at(const json::View& object,
                                                      std::string_view key) {
  const auto member = object.find(key);
  return member ? member->items() : std::vector<json::View>{};
}

// The member, unless it is null, which is as good as none in all of these APIs.
[[nodiscard]] inline std::optional<json::View> find_at(const json::View& object,
                                                       std::string_view key) {
  const auto member = object.find(key);
  return member && !member->is(json::Kind::null) ? member : std::nullopt;
}

[[nodiscard]] inline bool is_kind_at(const json::View& object, std::string_view key,
                                     json::Kind kind) {
  const auto member = object.find(key);
  return member && member->is(kind);
}

// What OpenAI, Gemini's declarations and everything that copies them take for a function's name.
[[nodiscard]] inline bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace atonce::protocol::rules
