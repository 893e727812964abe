// What must hold for a history that is sent to Gemini.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "history.h"
#include "protocol/gemini.h"

namespace atonce::fuzz {

// Sends the turn back with a result for each call, and requires that the model's parts are there as
// they came.
inline void check_echo(const protocol::ModelTurn& turn) {
  for (const call::Call& call : turn.calls) {
    require(json::Document::parse(call.arguments).has_value(), "arguments are JSON");
  }
  const std::vector<protocol::Message> history = answered(turn);
  const std::string request = protocol::gemini::write_request({.messages = history, .tools = {}});
  require(json::Document::parse(request).has_value(), "a request is JSON");
  const auto content = json::Document::parse(turn.raw_content);
  require(content || turn.raw_content.empty(), "the content is JSON");
  const auto parts = content ? content->root().find("parts") : std::nullopt;
  for (const json::View& part : parts ? parts->items() : std::vector<json::View>{}) {
    require(request.contains(part.raw()), "the model's parts are echoed verbatim");
  }
}

}  // namespace atonce::fuzz
