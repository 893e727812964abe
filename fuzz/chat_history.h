// What must hold for a history that is sent to a chat completions API, whoever made it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "history.h"
#include "protocol/openai_chat.h"

namespace atonce::fuzz {

// Sends the turn back with a result for each call, and requires that the API can take it: each call
// has an id of its own and text for arguments, and is followed by one message with that id.
inline void check_echo(const protocol::ModelTurn& turn) {
  const std::vector<protocol::Message> history = answered(turn);
  const auto request = json::Document::parse(
      protocol::openai_chat::write_request({.messages = history, .tools = {}}, {.model = "m"}));
  require(request.has_value(), "a request is JSON");
  const auto messages = request->root().find("messages")->items();
  if (messages.size() == 1) {
    require(turn.calls.empty() && turn.text.empty(), "only a turn that says nothing is left out");
    return;
  }
  const auto calls = messages[1].find("tool_calls");
  const auto asked = calls ? calls->items() : std::vector<json::View>{};
  require(asked.size() == turn.calls.size(), "every call is in the message");
  require(messages.size() == 2 + asked.size(), "every call is answered once");
  std::vector<std::string> ids;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const std::string id = text_member(asked[at], "id");
    require(!id.empty(), "every call has an id");
    for (const std::string& other : ids) require(other != id, "no two calls have the same id");
    require(text_member(messages[2 + at], "tool_call_id") == id, "results stand in call order");
    const auto function = asked[at].find("function");
    require(!function || !text_member(*function, "arguments").empty(), "arguments are a text");
    ids.push_back(id);
  }
}

}  // namespace atonce::fuzz
