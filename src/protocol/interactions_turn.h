// The pieces of an interaction that reading, streaming and writing have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol::interactions {

[[nodiscard]] bool is_call(const json::View& step);

[[nodiscard]] call::Call read_call(const json::View& step);

// The visible text of a step; empty for all but the model's output.
[[nodiscard]] std::string visible_text(const json::View& step);

// Takes the model's name, the interaction's id and the counts, as far as it has them.
void take_frame(ModelTurn& turn, const json::View& interaction);

// Sets `finish` and `finish_detail`.
// Errors: bad_response for an interaction that is not finished, unavailable for one that failed.
[[nodiscard]] Result<void> set_finish(ModelTurn& turn, std::string_view status);

// Adds the texts and calls of the steps.
void add_steps(ModelTurn& turn, const std::vector<json::View>& steps);

// What the error object of an answer or of a stream's event means.
[[nodiscard]] Error read_reported_error(const json::View& answer);

[[nodiscard]] std::unexpected<Error> not_an_interaction(std::string_view body,
                                                        const std::string& why);

}  // namespace atonce::protocol::interactions
