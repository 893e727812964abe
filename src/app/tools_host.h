// From the settings to a Python with the tools in it: here, and in the child processes that run
// some of them.
#pragma once

#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "process/child.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::app {

[[nodiscard]] python::InterpreterOptions interpreter_options(const CommonSettings& common,
                                                             const Places& places);

// Errors: as find_venv().
[[nodiscard]] Result<python::LoadOptions> load_options(const CommonSettings& common,
                                                       const ToolsSettings& tools,
                                                       const Places& places);

// What starts this program with the same tools and settings, as another command; "--" and TOOLS
// come last.
[[nodiscard]] process::CommandLine own_command(const std::string& command,
                                               const CommonSettings& common,
                                               const ToolsSettings& tools);

// What starts a child that has the same tools: `atonce lane`.
[[nodiscard]] process::CommandLine lane_command(const CommonSettings& common,
                                                const ToolsSettings& tools);

}  // namespace atonce::app
