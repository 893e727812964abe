#include "app/settings.h"

#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include "app/build_places.h"
#include "base/text.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path base_folder(const char* variable, const char* under_home) {
  const std::string value = environment(variable);
  return value.empty() ? fs::path(environment("HOME")) / under_home : fs::path(value);
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                         text.front() == text.back();
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_venv(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "pyvenv.cfg", ignored);
}

// The folder in which the tools' file stands, for a .venv beside it.
fs::path folder_of(const std::string& tools_spec) {
  const fs::path path = tools_spec.substr(0, tools_spec.find(".py:") == std::string::npos
                                                 ? std::string::npos
                                                 : tools_spec.find(".py:") + 3);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return path;
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

Result<void> read_env_file(const fs::path& file) {
  std::ifstream lines(file);
  if (!lines) {
    return failure(ErrorCode::not_found, "cannot read the env file `" + file.string() + "`",
                   "check the path given with --env-file");
  }
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::string_view text = trimmed(line);
    if (text.empty() || text.starts_with('#')) continue;
    if (text.starts_with("export ")) text = trimmed(text.substr(7));
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return failure(ErrorCode::bad_input,
                     file.string() + " line " + std::to_string(number) + " is not KEY=VALUE",
                     "write one KEY=VALUE a line; comments start with #");
    }
    const std::string key(trimmed(text.substr(0, equals)));
    const std::string value(unquoted(trimmed(text.substr(equals + 1))));
    setenv(key.c_str(), value.c_str(), 0);
  }
  return {};
}

Places find_places() {
  const std::string cache = environment("ATONCE_CACHE");
  return {
      .python_home = kPythonHome,
      .python_executable = kPythonExecutable,
      .package = kPackageFolder,
      .own_packages = kOwnPackages,
      .cache = cache.empty() ? base_folder("XDG_CACHE_HOME", ".cache") / "atonce" : fs::path(cache),
      .data = base_folder("XDG_DATA_HOME", ".local/share") / "atonce"};
}

Result<std::optional<fs::path>> find_venv(const CommonSettings& common,
                                          const std::string& tools_spec, const Places& places) {
  if (common.venv) {
    if (is_venv(*common.venv)) return common.venv;
    return failure(ErrorCode::not_found,
                   "`" + common.venv->string() + "` is not a virtual environment",
                   "give --venv a folder that holds a pyvenv.cfg");
  }
  for (const fs::path& folder : {fs::path(environment("VIRTUAL_ENV")),
                                 tools_spec.empty() ? fs::path() : folder_of(tools_spec) / ".venv",
                                 places.data / "tools-environment"}) {
    if (!folder.empty() && is_venv(folder)) return folder;
  }
  return std::nullopt;
}

std::vector<fs::path> packages_of(const fs::path& venv) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(venv / "lib", error)) {
    const fs::path packages = entry.path() / "site-packages";
    if (fs::is_directory(packages, error)) folders.push_back(packages);
  }
  return folders;
}

}  // namespace atonce::app
