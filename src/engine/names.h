// What to tell a model that called a tool which does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "call/tool_spec.h"

namespace atonce::engine {

// Names the unknown tool, the nearest known one if one is near, and the known ones. What is offered
// beside tools, and comes after them, is not named.
[[nodiscard]] std::string describe_unknown_tool(std::string_view name,
                                                std::span<const call::ToolSpec> tools);

}  // namespace atonce::engine
