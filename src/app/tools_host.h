// From the settings to a Python with the tools in it: here, and in the child processes that run
// some of them.
#pragma once

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

// What starts a child that has the same tools: `atonce lane` with the same settings.
[[nodiscard]] process::CommandLine lane_command(const CommonSettings& common,
                                                const ToolsSettings& tools);

}  // namespace atonce::app
