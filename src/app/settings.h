// What the command line and the environment say, in one value.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "python/gil.h"

namespace atonce::app {

// Options that every command takes.
struct CommonSettings {
  LogLevel log_level = LogLevel::warning;
  python::GilMode gil = python::GilMode::automatic;
  bool requires_no_gil = false;
  double timeout_seconds = 60;  // of a call
  std::size_t max_threads = 256;
  std::optional<std::filesystem::path> venv;
  bool json = false;
};

// Which tools: file.py, file.py:object, a directory, or a module.
struct ToolsSettings {
  std::vector<std::string> specs;  // in most commands one
  bool is_module = false;
  bool is_strict = false;                            // see python::LoadOptions
  std::optional<std::filesystem::path> policy = {};  // instead of the one beside it
  bool for_mcp = false;                              // see python::LoadOptions
  bool requires_check = false;                       // is refused unless its check has passed

  // The one, or the first; empty when none has been given.
  [[nodiscard]] const std::string& spec() const {
    static const std::string none;
    return specs.empty() ? none : specs.front();
  }
};

// Reads KEY=VALUE lines (comments, blank lines, `export`, quotes) into the environment; what is set
// already stays. Errors: not_found; bad_input, with the line.
[[nodiscard]] Result<void> read_env_file(const std::filesystem::path& file);

// Where things of this build and this user are.
struct Places {
  std::filesystem::path python_home;
  std::filesystem::path python_executable;
  std::filesystem::path package;       // the folder that holds python/atonce
  std::filesystem::path own_packages;  // site-packages with pydantic
  std::filesystem::path cache;         // ~/.cache/atonce
  std::filesystem::path data;          // ~/.local/share/atonce
};
[[nodiscard]] Places find_places();

// The virtual environment whose packages the tools see: --venv, VIRTUAL_ENV, .venv beside the file,
// or atonce's own for tools, where `atonce python -m pip install` puts packages; nothing if there
// is none. Errors: not_found for a --venv that is none.
[[nodiscard]] Result<std::optional<std::filesystem::path>> find_venv(const CommonSettings& common,
                                                                     const std::string& tools_spec,
                                                                     const Places& places);

// The site-packages folders of a virtual environment, of whatever Python version it was made for.
[[nodiscard]] std::vector<std::filesystem::path> packages_of(const std::filesystem::path& venv);

}  // namespace atonce::app
