// From the settings to a Python with the tools in it: here, and in the child processes that run
// some of them.
#pragma once

#include <string>
#include <vector>

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

using CommandOptions = std::vector<std::string>;  // of a command line

// What starts this program with the same settings, as another command with these options and no
// tools.
[[nodiscard]] process::CommandLine own_command(const std::string& command,
                                               const CommonSettings& common,
                                               const CommandOptions& options);

// The same with the same tools.
[[nodiscard]] process::CommandLine own_command(const std::string& command,
                                               const CommonSettings& common,
                                               const ToolsSettings& tools,
                                               CommandOptions options = {});

}  // namespace atonce::app
