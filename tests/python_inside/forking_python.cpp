// A process with Python and a tools file in it that forks children which serve the tools.
// usage: forking_python FILE

#include <unistd.h>

#include <memory>

#include "app/settings.h"
#include "process/fork_loop.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/backend.h"
#include "python/forked.h"

int main(int, char** arguments) {
  using namespace atonce;
  process::die_with_parent();
  const app::Places places = app::find_places();
  auto interpreter = python::Interpreter::start({.home = places.python_home,
                                                 .executable = places.python_executable,
                                                 .package_paths = {places.package}});
  if (!interpreter) return 1;
  auto toolset = python::Toolset::load(
      **interpreter, {.sources = {{.spec = arguments[1]}}, .own_packages = places.own_packages});
  if (!toolset) {
    process::report_failure(process::kSocket, toolset.error());
    return 1;
  }
  process::serve_forks(process::kSocket,
                       {.fork = [&] { return python::fork_with_python(**interpreter); },
                        .serve_calls =
                            [&](int socket) {
                              python::PythonBackend backend(**interpreter, **toolset);
                              process::serve_calls(socket, backend);
                              _exit(0);
                            }});
  _exit(0);
}
