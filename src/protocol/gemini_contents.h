// The contents of a generateContent request. Used by gemini_write.cpp only.
#pragma once

#include <span>
#include <string_view>

#include "base/json.h"
#include "protocol/message.h"

namespace atonce::protocol::gemini {

// Writes the messages as an array of contents, as write_request() of gemini.h promises. `model` is
// the model's name.
void write_contents(json::Writer& writer, std::span<const Message> messages,
                    std::string_view model);

}  // namespace atonce::protocol::gemini
