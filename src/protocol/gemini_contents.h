// The contents of a generateContent request. Used by gemini_write.cpp only.
#pragma once

#include <span>
#include <string_view>

#include "base/json.h"
#include "protocol/message.h"

namespace atonce::protocol::gemini {

// Whether a model of this name ("gemini-3-flash-preview", also as a path that ends so) is Gemini 3
// or later, the names that follow the latest model included: what takes files as parts of a result,
// and streams the arguments of calls on Vertex AI.
[[nodiscard]] bool is_gemini_3_or_later(std::string_view model);

// Writes the messages as an array of contents, as write_request() of gemini.h promises. `model` is
// the model's name.
void write_contents(json::Writer& writer, std::span<const Message> messages,
                    std::string_view model);

}  // namespace atonce::protocol::gemini
