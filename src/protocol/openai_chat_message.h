// The pieces of a chat completion that reading, streaming and writing have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol::openai_chat {

// Of an answer or chunk: its first choice, or the answer itself where it is Ollama's native one.
// Nothing if it has none.
[[nodiscard]] std::optional<json::View> find_choice(const json::View& answer);

// The visible text of `content`, a text or an array of parts, some of which are thoughts.
[[nodiscard]] std::string visible_text(const std::optional<json::View>& content);

// The words of a refusal, from the message itself or from the parts of its content.
[[nodiscard]] std::string refusal_text(const json::View& message);

// The elements of `tool_calls` that are calls, in order.
[[nodiscard]] std::vector<json::View> find_calls(const json::View& message);

// What is called: `function`, or `custom` of a custom tool. Nothing if the call says neither.
[[nodiscard]] std::optional<json::View> find_target(const json::View& call);

// The reason why the model stopped, of a choice; empty if it does not say.
[[nodiscard]] std::string finish_word(const json::View& choice);

// Sets `finish` and `finish_detail`. `word` is what finish_word() found, `refusal` the model's own
// words.
void set_finish(ModelTurn& turn, const std::string& word, const std::string& refusal);

// Takes the model's name, the response's id and the counts, as far as the answer or chunk has them.
void take_frame(ModelTurn& turn, const json::View& answer);

[[nodiscard]] std::unexpected<Error> not_a_response(std::string_view body, const std::string& why);

}  // namespace atonce::protocol::openai_chat
