// The input of an interaction: the conversation as steps. Used by interactions_write.cpp only.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/json.h"
#include "protocol/message.h"

namespace atonce::protocol::interactions {

// Writes the messages as an array of steps, as write_request() of interactions.h promises: all, or
// those from `kept` on, which the server has and is itself only answered.
void write_input(json::Writer& writer, std::span<const Message> messages,
                 std::optional<std::size_t> kept);

}  // namespace atonce::protocol::interactions
