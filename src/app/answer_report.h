// What came of a question: as a document, and as words for a person.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "model/conversation.h"

namespace atonce::app {

// The form of `ask --json` (docs/formats/turn.md). `model` is named when the provider named none.
void write_answer(json::Writer& writer, const model::Answer& answer, std::string_view model);

// Why there is no answer, for any ending but `answered`.
[[nodiscard]] Error explain(const model::Answer& answer, const model::ConversationOptions& options);

}  // namespace atonce::app
