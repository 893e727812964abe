// From a tool's declaration to the Python stub that the embedded model reads: a signature with
// types and defaults, and a docstring with the parameters' descriptions. A small model that learnt
// from code reads this better, and in fewer tokens, than a JSON Schema.
//
// A pure function.
#pragma once

#include <string>

#include "call/tool_spec.h"

namespace atonce::model {

// The stub, ending with a line break. A schema that is not JSON gives `def name(**arguments):`.
[[nodiscard]] std::string make_tool_stub(const call::ToolSpec& tool);

}  // namespace atonce::model
