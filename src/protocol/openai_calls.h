// What chat completions and Responses have in common about functions and their calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/message.h"

namespace atonce::protocol::openai {

// `arguments` as text, from whatever form they have; empty if there are none. A custom tool's
// `input`, which is text and not JSON, counts as a JSON string.
[[nodiscard]] std::string arguments_text(const json::View& target);

// `text` as Call::arguments: "{}" if it is blank or null.
[[nodiscard]] std::string normal_arguments(std::string_view text);

struct Choice {
  std::vector<const call::ToolSpec*> tools;  // to be declared
  std::string_view name = {};  // of the one that must be called; empty if it is not that strict
};

// CallMode::any with one allowed name asks for that by name; any other choice of names is kept by
// declaring only these tools. Tools without a declaration are left out.
[[nodiscard]] Choice choose_tools(const ModelRequest& request);

// `tool_choice` as a word: validated is `auto`, any is `required`.
[[nodiscard]] std::string_view choice_word(CallMode mode);

// The name of a file, which these APIs require; "file" if it has none.
[[nodiscard]] std::string file_name(const Media& media);

}  // namespace atonce::protocol::openai
