// Calls one tool: raw JSON arguments in, outcome out. pydantic validates, converts and writes JSON.
#pragma once

#include "call/call.h"
#include "call/outcome.h"
#include "engine/backend.h"
#include "python/attach.h"
#include "python/context_link.h"
#include "python/interrupter.h"
#include "python/toolset.h"

namespace atonce::python {

// The positional and keyword arguments that the JSON text stands for. Kept until the call ends.
struct Arguments {
  Ref args;    // tuple
  Ref kwargs;  // dict, the call's own
  ContextLink link = {};
  Ref tell = {};  // the link's, where a generator's yields are heard
};

// Validates the call's arguments, and adds the Context where the tool wants one.
// Gives call::Invalid when they do not fit.
[[nodiscard]] std::expected<Arguments, call::Outcome> read_arguments(const Attached& py,
                                                                     const Toolset& toolset,
                                                                     const Tool& tool,
                                                                     const call::Call& call,
                                                                     engine::CallControl& control);

// The function's result as its outcome: Returned, or Raised "unserializable_result".
[[nodiscard]] call::Outcome to_outcome(const Attached& py, const Toolset& toolset, const Tool& tool,
                                       PyObject* result);

// Takes the exception that is set, if the function raised, and drops what it gave otherwise: the
// outcome of a call whose link is unwinding.
[[nodiscard]] call::Outcome end_unwound(const Attached& py);

// Takes the exception that is set and makes it an outcome.
[[nodiscard]] call::Outcome take_raised(const Attached& py, const Toolset& toolset);

// Runs a tool that is not async, unless the call is stopped already. Never throws, and leaves no
// exception set: whatever the user's code does, raising included, comes back as the outcome.
// `running` is the lane's own; its function can be interrupted, and only that.
[[nodiscard]] call::Outcome invoke(const Attached& py, const Toolset& toolset, const Tool& tool,
                                   const call::Call& call, engine::CallControl& control,
                                   RunningCall& running);

}  // namespace atonce::python
