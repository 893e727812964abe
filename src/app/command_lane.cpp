// atonce lane: a child process that runs calls for the program that started it. Not for people.

#include <unistd.h>

#include <memory>

#include "app/commands.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/backend.h"

namespace atonce::app {
namespace {

int refuse(const Error& error) {
  process::report_failure(process::kSocket, error);
  return kNotDone;
}

int serve(const ToolsSettings& tools, Shell& shell) {
  process::live_no_longer_than_parent(process::kSocket);
  const Places places = find_places();
  const auto options = load_options(shell.common, tools, places);
  if (!options) return refuse(options.error());
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return refuse(interpreter.error());
  auto toolset = python::Toolset::load(**interpreter, *options);
  shell.interrupts.claim();
  if (!toolset) return refuse(toolset.error());
  python::PythonBackend backend(**interpreter, **toolset);
  process::serve_calls(process::kSocket, backend);
  _exit(kFine);  // the parent is gone or has no more calls; nothing here is worth an orderly end
}

}  // namespace

void add_lane(CLI::App& app, Command& chosen) {
  auto tools = std::make_shared<ToolsSettings>();
  CLI::App* command = app.add_subcommand("lane", "run calls for the program that started this");
  command->group("");  // not listed
  add_tools(*command, *tools);
  command->callback(
      [tools, &chosen] { chosen = [tools](Shell& shell) { return serve(*tools, shell); }; });
}

}  // namespace atonce::app
