// atonce lane: a child process that runs calls for the program that started it. Not for people.

#include <unistd.h>

#include "app/commands.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "process/fork_loop.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/backend.h"
#include "python/forked.h"

namespace atonce::app {
namespace {

int refuse(const Error& error) {
  process::report_failure(process::kSocket, error);
  return kNotDone;
}

// One call at a time, of this process or of those forked from it: the parent is gone or has no more
// calls then, and nothing is worth an orderly end.
[[noreturn]] void serve_calls(int socket, const python::Interpreter& interpreter,
                              const python::Toolset& toolset) {
  python::PythonBackend backend(interpreter, toolset);
  process::serve_calls(socket, backend);
  _exit(kFine);
}

[[noreturn]] void serve_forks(const python::Interpreter& interpreter,
                              const python::Toolset& toolset) {
  process::serve_forks(
      process::kSocket,
      {.fork = [&] { return python::fork_with_python(interpreter); },
       .serve_calls = [&](int socket) { serve_calls(socket, interpreter, toolset); }});
  _exit(kFine);
}

int serve(const ToolsSettings& tools, bool is_forking, Shell& shell) {
  const Places places = find_places();
  const auto options = load_options(shell.common, tools, places);
  if (!options) return refuse(options.error());
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return refuse(interpreter.error());
  auto toolset = python::Toolset::load(**interpreter, *options);
  if (!is_forking) shell.interrupts.claim();
  if (!toolset) return refuse(toolset.error());
  if (is_forking) serve_forks(**interpreter, **toolset);
  serve_calls(process::kSocket, **interpreter, **toolset);
}

}  // namespace

void add_lane(CLI::App& app, Command& chosen) {
  add_child(app, chosen, "lane", "run calls for the program that started this", serve);
}

}  // namespace atonce::app
