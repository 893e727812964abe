// atonce python: the Python inside, as an interpreter, in the tools' environment.

#include <cstdlib>
#include <memory>

#include "app/commands.h"
#include "app/report.h"
#include "app/subprocess.h"
#include "python/interpreter.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

struct PythonSettings {
  std::vector<std::string> arguments;
};

// The tools' environment, made on first use, so that `-m pip install` has a place of its own.
Result<fs::path> tools_environment(const CommonSettings& common, const Places& places) {
  auto found = find_venv(common, "", places);
  if (!found) return std::unexpected(found.error());
  if (*found) return **found;
  const fs::path folder = places.data / "tools-environment";
  print_note("making the tools' environment in " + folder.string());
  if (run_program({places.python_executable, "-m", "venv", folder}) != 0) {
    return failure(ErrorCode::internal,
                   "could not make a virtual environment in " + folder.string(),
                   "see the messages above, or give one of your own with --venv");
  }
  return folder;
}

int run_python(const PythonSettings& settings, Shell& shell) {
  const Places places = find_places();
  const auto environment = tools_environment(shell.common, places);
  if (!environment) return print_error(environment.error()), exit_code_of(environment.error());
  std::vector<std::string> arguments{"python"};
  arguments.insert(arguments.end(), settings.arguments.begin(), settings.arguments.end());
  shell.output.restore();
  shell.interrupts.give_back();
  // With the environment's own python as executable, CPython finds its pyvenv.cfg and packages.
  return python::run_as_python({.home = {},
                                .executable = *environment / "bin" / "python",
                                .package_paths = {places.package, places.own_packages},
                                .gil = shell.common.gil},
                               arguments);
}

}  // namespace

void add_python(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<PythonSettings>();
  CLI::App* command =
      app.add_subcommand("python", "the Python inside, as an interpreter: atonce python ARGS...");
  command->prefix_command();
  command->footer("Example:\n  atonce python -m pip install requests");
  command->callback([settings, command, &chosen] {
    settings->arguments = command->remaining();
    chosen = [settings](Shell& shell) { return run_python(*settings, shell); };
  });
}

}  // namespace atonce::app
