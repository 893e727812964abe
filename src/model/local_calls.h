// Calls as the embedded model writes them: a block of Python calls with keyword arguments, one a
// line. Reads such a block into call::Call values and writes one call back for the conversation.
//
// Pure functions. What a model wrote is input like any other: whatever it is, the answer is a value
// or an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "call/call.h"

namespace atonce::model {

// The calls of `block`, which may stand in a ``` fence and have blank lines and # comments.
// Arguments become JSON: True, False and None as JSON writes them, tuples as arrays, numbers with
// their digits kept. Ids are empty. Errors: bad_response, saying what was expected and where
// (positional arguments, a missing bracket, nesting deeper than 64, ...).
[[nodiscard]] Result<std::vector<call::Call>> read_call_block(std::string_view block);

// `call` as one line of such a block. Arguments that are not a JSON object are written as they are.
[[nodiscard]] std::string write_call_line(const call::Call& call);

// `value` as a Python literal on one line; strings in double quotes, numbers with their digits
// kept.
[[nodiscard]] std::string write_python_literal(const json::View& value);

}  // namespace atonce::model
