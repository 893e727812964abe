// The history that a model's turn makes, to be sent back to whoever made it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/message.h"
#include "target.h"

namespace atonce::fuzz {

// A question, the turn and a result for each of its calls.
inline std::vector<protocol::Message> answered(const protocol::ModelTurn& turn) {
  protocol::FunctionResults results;
  for (const call::Call& call : turn.calls) {
    results.calls.push_back({.call = call, .outcome = call::Returned{"\"r\""}});
  }
  return {protocol::UserText{"?"}, turn, results};
}

inline std::string text_member(const json::View& view, std::string_view key) {
  const auto member = view.find(key);
  return std::string(member ? member->as_string().value_or("") : "");
}

// How many items of a request answer a call, by the end of their type. A request must be JSON.
inline std::size_t count_answers(const std::string& request, std::string_view type_end) {
  const auto document = json::Document::parse(request);
  require(document.has_value(), "a request is JSON");
  std::size_t answers = 0;
  for (const json::View& item : document->root().find("input")->items()) {
    answers += text_member(item, "type").ends_with(type_end) ? 1 : 0;
  }
  return answers;
}

}  // namespace atonce::fuzz
