// Workload: `add(a, b)` of bench/tools.py, called as often as it goes for a given time.
//
//   --path engine    turns of 500 calls through the scheduler, with --workers threads
//   --path bare      on one thread, by CPython's C interface alone: pydantic's validator, the
//                    function, pydantic's JSON - what no engine can do without
//
// Prints one JSON object: calls, wall and processor seconds. What it does not show: the cost of
// reading calls from a socket, and of functions that do something. bench/run.py compares.

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <future>
#include <memory>
#include <string>

#include "app/settings.h"
#include "engine/scheduler.h"
#include "python/backend.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace {

using namespace atonce;

constexpr std::size_t kTurn = 500;
constexpr char kArguments[] = R"({"a": 1, "b": 2})";

struct Settings {
  std::string path = "engine";
  std::string gil = "off";
  std::string tools = ATONCE_SOURCE_DIR "/bench/tools.py";
  std::size_t workers = 1;
  double seconds = 1;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Repeats `run_some`, which returns how many calls it made, until the time is over; prints figures.
template <typename RunSome>
void measure(double seconds, RunSome run_some) {
  run_some();  // warm: threads started, code specialised
  const double cpu_before = cpu_seconds();
  const auto started = std::chrono::steady_clock::now();
  std::chrono::duration<double> wall{};
  std::size_t calls = 0;
  while (wall.count() < seconds) {
    calls += run_some();
    wall = std::chrono::steady_clock::now() - started;
  }
  std::printf(R"({"calls": %zu, "wall_seconds": %.6f, "cpu_seconds": %.6f})"
              "\n",
              calls, wall.count(), cpu_seconds() - cpu_before);
}

std::size_t run_turn(engine::Scheduler& scheduler) {
  call::Plan plan;
  plan.calls.resize(kTurn, {.id = "1", .name = "add", .arguments = kArguments});
  std::promise<call::Reply> promise;
  const auto handle = scheduler.start(
      std::move(plan), [&](call::Reply reply) { promise.set_value(std::move(reply)); });
  if (!handle) throw std::runtime_error(handle.error().message);
  const call::Reply reply = promise.get_future().get();
  for (const call::Finished& finished : reply.calls) {
    if (finished.outcome != call::Outcome{call::Returned{"3"}}) {
      throw std::runtime_error("add(1, 2) gave " + call::describe(finished.outcome));
    }
  }
  return reply.calls.size();
}

void measure_engine(const Settings& settings, const python::Interpreter& interpreter,
                    const python::Toolset& toolset) {
  python::PythonBackend backend(interpreter, toolset);
  SteadyClock clock;
  engine::Observer observer;
  const engine::PoolOptions pool{.places = settings.workers, .max_threads = settings.workers};
  engine::Scheduler scheduler(backend, clock, observer, [] { return 0.5; }, {.pool = pool});
  measure(settings.seconds, [&] { return run_turn(scheduler); });
  static_cast<void>(scheduler.stop(std::chrono::seconds(1)));
}

std::size_t call_bare(const python::Attached&, const python::Toolset& toolset) {
  using python::Ref;
  const python::Tool& tool = toolset.tool(0);
  const python::HostFunctions& host = toolset.host();
  for (std::size_t i = 0; i < kTurn; ++i) {
    const Ref json(PyBytes_FromStringAndSize(kArguments, sizeof kArguments - 1));
    const Ref validated(PyObject_CallOneArg(tool.validate, json.get()));
    PyObject* const args = PyTuple_GET_ITEM(validated.get(), 0);
    PyObject* const kwargs = PyTuple_GET_ITEM(validated.get(), 1);
    const Ref result(PyObject_Call(tool.function, args, kwargs));
    PyObject* const options[] = {result.get(), host.to_json_values[0], host.to_json_values[1],
                                 host.to_json_values[2]};
    const Ref text(PyObject_Vectorcall(host.to_json, options, 1, host.to_json_names));
    if (!text) throw std::runtime_error("the bare call failed");
  }
  return kTurn;
}

int run(const Settings& settings) {
  const app::Places places = app::find_places();
  auto interpreter = python::Interpreter::start({.home = places.python_home,
                                                 .executable = places.python_executable,
                                                 .package_paths = {places.package},
                                                 .gil = *python::parse_gil_mode(settings.gil)});
  if (!interpreter) throw std::runtime_error(interpreter.error().message);
  auto toolset = python::Toolset::load(
      **interpreter, {.sources = {{.spec = settings.tools}}, .own_packages = places.own_packages});
  if (!toolset) throw std::runtime_error(toolset.error().message);
  if (settings.path == "bare") {
    const python::Attached py((*interpreter)->main_thread());
    measure(settings.seconds, [&] { return call_bare(py, **toolset); });
  } else {
    measure_engine(settings, **interpreter, **toolset);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("the engine's cost for one call");
  app.add_option("--path", settings.path)->check(CLI::IsMember({"engine", "bare"}));
  app.add_option("--gil", settings.gil)->check(CLI::IsMember({"on", "off"}));
  app.add_option("--workers", settings.workers)->check(CLI::Range(1, 64));
  app.add_option("--seconds", settings.seconds)->check(CLI::Range(0.01, 60.0));
  CLI11_PARSE(app, argc, argv);
  try {
    return run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
