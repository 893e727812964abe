// Keeps tools from running together.
//
// Thread safety: pure functions on values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "call/tool_spec.h"

namespace atonce::call {

// Gives the tools named in each of `groups` a serial group in common, joined with those that their
// authors gave them. Names that no tool has are passed over.
void keep_serial(std::span<ToolSpec> tools, std::span<const std::vector<std::string>> groups);

}  // namespace atonce::call
