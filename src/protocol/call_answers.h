// Which result answers which call of a history, and in what words: for the wires that match them by
// id and take no call without a result nor a result without a call. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "call/outcome.h"
#include "protocol/message.h"

namespace atonce::protocol {

// A call that was sent and is to be answered with this id.
struct AskedCall {
  std::string id;
  std::string name;        // in the form that every provider takes
  const call::Call* call;  // of the turn, which must outlive this
};

// `name` as a function's name that every provider takes: models invent others, and a history that
// holds one is refused.
[[nodiscard]] std::string plain_name(std::string_view name);

// The calls of the turn that is message number `number` of the history. A call without an id, or
// with that of another call of the turn, is given one that depends on nothing but its place.
[[nodiscard]] std::vector<AskedCall> ask_calls(const ModelTurn& turn, std::size_t number);

// The outcome of each asked call, in their order: by place or, where the numbers differ, by id. A
// call that has none was given up.
[[nodiscard]] std::vector<call::Outcome> match_outcomes(const FunctionResults& results,
                                                        const std::vector<AskedCall>& asked);

// The place of the newest turn of this wire that has an id, by which its server may remember it;
// nothing if there is none.
[[nodiscard]] std::optional<std::size_t> find_kept(std::span<const Message> messages, Wire wire);

// What the model reads: a text that was returned as itself, without quotes unless it is empty; any
// other value as its JSON; what is no value as {"error": text}.
[[nodiscard]] std::string result_text(const call::Outcome& outcome);

}  // namespace atonce::protocol
