// What keeps a conversation's messages such that every provider takes them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "protocol/message.h"

namespace atonce::model {

// The results that are missing when a conversation broke off between a turn of calls and their
// outcomes: one `interrupted` for each call. Nothing when none are missing.
[[nodiscard]] std::optional<protocol::FunctionResults> missing_results(
    std::span<const protocol::Message> history);

// Whether the model has the next word: something was asked, or results were given, and not
// answered.
[[nodiscard]] bool awaits_answer(std::span<const protocol::Message> history);

// How many messages came after the newest question; nothing when there is none.
[[nodiscard]] std::optional<std::size_t> count_after_question(
    std::span<const protocol::Message> history);

}  // namespace atonce::model
