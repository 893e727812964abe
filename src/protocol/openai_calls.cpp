#include "protocol/openai_calls.h"

#include <algorithm>

#include "protocol/json_fields.h"

namespace atonce::protocol::openai {

using json::View;

std::string arguments_text(const View& target) {
  if (const auto arguments = find_value(target, "arguments")) {
    return std::string(arguments->as_string().value_or(arguments->raw()));
  }
  const auto input = find_value(target, "input");
  return std::string(input ? input->raw() : "");
}

std::string normal_arguments(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "{}";
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(first, last - first + 1) == "null" ? "{}" : std::string(text);
}

Choice choose_tools(const ModelRequest& request) {
  Choice choice;
  if (request.mode == CallMode::any && request.allowed.size() == 1) {
    const auto named =
        std::ranges::find(request.tools, request.allowed.front(), &call::ToolSpec::name);
    if (named != request.tools.end()) choice.name = named->name;
  }
  const bool takes_all =
      !choice.name.empty() || request.allowed.empty() || request.mode == CallMode::none;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_in =
        takes_all || std::ranges::find(request.allowed, tool.name) != request.allowed.end();
    if (is_in && !tool.declaration(call::Dialect::openai).empty()) choice.tools.push_back(&tool);
  }
  return choice;
}

std::string_view choice_word(CallMode mode) {
  switch (mode) {
    case CallMode::automatic:
    case CallMode::validated: return "auto";
    case CallMode::any: return "required";
    case CallMode::none: return "none";
  }
  return "auto";
}

std::string file_name(const Media& media) { return media.name.empty() ? "file" : media.name; }

}  // namespace atonce::protocol::openai
