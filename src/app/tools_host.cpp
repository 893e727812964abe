#include "app/tools_host.h"

#include <filesystem>
#include <string>

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

}  // namespace

python::InterpreterOptions interpreter_options(const CommonSettings& common, const Places& places) {
  return {.home = places.python_home,
          .executable = places.python_executable,
          .package_paths = {places.package},
          .gil = common.gil};
}

Result<python::LoadOptions> load_options(const CommonSettings& common, const ToolsSettings& tools,
                                         const Places& places) {
  const auto venv = find_venv(common, tools.is_module ? "" : tools.spec, places);
  if (!venv) return std::unexpected(venv.error());
  return python::LoadOptions{
      .spec = tools.spec,
      .is_module = tools.is_module,
      .is_strict = tools.is_strict,
      .for_mcp = tools.for_mcp,
      .user_packages = *venv ? packages_of(**venv) : std::vector<std::filesystem::path>{},
      .own_packages = places.own_packages,
      .requires_no_gil = common.requires_no_gil};
}

process::CommandLine own_command(const std::string& command, const CommonSettings& common,
                                 const ToolsSettings& tools) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  process::CommandLine line{error ? "atonce" : program.string(), command, "--gil",
                            name_of(common.gil)};
  if (common.venv) line.insert(line.end(), {"--venv", common.venv->string()});
  if (common.requires_no_gil && common.gil != python::GilMode::on) {
    line.emplace_back("--require-no-gil");
  }
  if (tools.is_strict) line.emplace_back("--strict");
  if (tools.is_module) line.emplace_back("-m");
  line.insert(line.end(), {"--", tools.spec});
  return line;
}

process::CommandLine lane_command(const CommonSettings& common, const ToolsSettings& tools) {
  return own_command("lane", common, tools);
}

}  // namespace atonce::app
