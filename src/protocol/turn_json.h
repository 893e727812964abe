// atonce's own dialect: a turn as `atonce call --turn` reads and writes it. The forms are stable.
//
// In:  [{"id":"1","name":"add","args":{"a":1,"b":2}}, ...], one such object, or one a line.
// Out: [{"id":"1","name":"add","args":{...},"outcome":"returned","result":3,"started_ms":0.1,
//        "ended_ms":0.4,"lane":"thread-2"}, ...] in the same order; "error" instead of "result"
//      for every other outcome. Times are milliseconds from the start of the turn.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "call/call.h"
#include "call/outcome.h"

namespace atonce::protocol {

// Calls without an id are numbered from "1". Absent and null `args` are {}.
// Errors: bad_input, naming the call that is wrong and how.
[[nodiscard]] Result<call::Plan> read_turn(std::string_view text);

[[nodiscard]] std::string write_turn(const call::Reply& reply);

// `id`, `name` and `args` of an object that is being written, and what was written so; absent
// arguments are {}.
void write_call_members(json::Writer& writer, const call::Call& call);
[[nodiscard]] call::Call read_call_members(const json::View& view);

// One call of a turn, as an element of the array.
void write_finished(json::Writer& writer, const call::Finished& finished);

// What write_finished() has written; the traceback of an exception is not in it.
// Errors: bad_input, saying what is wrong.
[[nodiscard]] Result<call::Finished> read_finished(const json::View& view);

}  // namespace atonce::protocol
