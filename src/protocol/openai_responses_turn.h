// The pieces of a Responses answer that reading, streaming and writing have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol::openai_responses {

// Whether the item is a call that atonce answers: of a function or of a custom tool.
[[nodiscard]] bool is_call(const json::View& item);

[[nodiscard]] call::Call read_call(const json::View& item);

// The visible text of an item; empty for all but the model's messages.
[[nodiscard]] std::string visible_text(const json::View& item);

// Takes the model's name, the response's id and the counts, as far as the response has them.
void take_frame(ModelTurn& turn, const json::View& response);

// The turn of a finished response whose output is `items`, `raw_items` as JSON.
// Errors: bad_response for one that is not finished; what the response reports if it failed.
[[nodiscard]] Result<ModelTurn> read_turn(const json::View& response,
                                          const std::vector<json::View>& items,
                                          std::string raw_items);

[[nodiscard]] std::unexpected<Error> not_a_response(std::string_view body, const std::string& why);

}  // namespace atonce::protocol::openai_responses
