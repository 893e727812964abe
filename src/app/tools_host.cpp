#include "app/tools_host.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace atonce::app {
namespace {

const char* name_of(python::GilMode mode) {
  switch (mode) {
    case python::GilMode::on: return "on";
    case python::GilMode::off: return "off";
    case python::GilMode::automatic: break;
  }
  return "auto";
}

// Files may have environments of their own, and may have the same.
void add_new(std::vector<std::filesystem::path>& all, std::vector<std::filesystem::path> more) {
  for (std::filesystem::path& each : more) {
    if (std::ranges::find(all, each) == all.end()) all.push_back(std::move(each));
  }
}

}  // namespace

python::InterpreterOptions interpreter_options(const CommonSettings& common, const Places& places) {
  return {.home = places.python_home,
          .executable = places.python_executable,
          .package_paths = {places.package},
          .gil = common.gil};
}

Result<python::LoadOptions> load_options(const CommonSettings& common, const ToolsSettings& tools,
                                         const Places& places) {
  python::LoadOptions options{.is_module = tools.is_module,
                              .is_strict = tools.is_strict,
                              .for_mcp = tools.for_mcp,
                              .own_packages = places.own_packages,
                              .requires_no_gil = common.requires_no_gil};
  for (const std::string& spec : tools.specs) {
    options.sources.push_back({.spec = spec});
    const auto venv = find_venv(common, tools.is_module ? "" : spec, places);
    if (!venv) return std::unexpected(venv.error());
    if (*venv) add_new(options.user_packages, packages_of(**venv));
  }
  return options;
}

process::CommandLine own_command(const std::string& command, const CommonSettings& common,
                                 const CommandOptions& options) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  process::CommandLine line{error ? "atonce" : program.string(), command, "--gil",
                            name_of(common.gil)};
  if (common.venv) line.insert(line.end(), {"--venv", common.venv->string()});
  if (common.requires_no_gil && common.gil != python::GilMode::on) {
    line.emplace_back("--require-no-gil");
  }
  line.insert(line.end(), options.begin(), options.end());
  return line;
}

process::CommandLine own_command(const std::string& command, const CommonSettings& common,
                                 const ToolsSettings& tools, CommandOptions options) {
  if (tools.is_strict) options.emplace_back("--strict");
  if (tools.is_module) options.emplace_back("-m");
  options.emplace_back("--");
  options.insert(options.end(), tools.specs.begin(), tools.specs.end());
  return own_command(command, common, options);
}

}  // namespace atonce::app
