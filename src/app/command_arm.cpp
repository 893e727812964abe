// atonce arm: a process in which `atonce compare` measures one arm. Not for people.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "app/commands.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "base/json.h"
#include "compare/arm.h"
#include "compare/round_runner.h"
#include "compare/statistics.h"
#include "process/backend.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/backend.h"
#include "python/gil.h"
#include "python/private_backend.h"
#include "python/probe.h"
#include "python/subinterpreter_backend.h"

namespace atonce::app {
namespace {

using compare::Arm;
using compare::ArmKind;
using process::FrameKind;

struct ArmSettings {
  ToolsSettings tools;
  std::string tool;
  std::string kind;
  std::size_t workers = 1;
  bool watches_locks = false;
  bool has_private_copies = false;
  std::vector<std::string> private_names;
};

int refuse(const Error& error) {
  process::report_failure(process::kSocket, error);
  return kNotDone;
}

// Where the arm's calls run, and what belongs to it.
struct Place {
  std::unique_ptr<engine::Backend> in_process;
  const python::SubinterpreterBackend* subinterpreters = nullptr;  // that backend, if it is one
  std::unique_ptr<process::ProcessBackend> processes;

  [[nodiscard]] engine::Backend& backend() {
    return processes ? static_cast<engine::Backend&>(*processes) : *in_process;
  }
};

process::ChildPoolOptions children_for(const Arm& arm, const ArmSettings& settings,
                                       const CommonSettings& common) {
  const bool is_forking = arm.kind == ArmKind::processes_fork;
  const CommandOptions options = is_forking ? CommandOptions{"--fork"} : CommandOptions{};
  return {.command = own_command("lane", common, settings.tools, options),
          .is_forking = is_forking,
          .most_children = arm.workers};
}

Result<Place> make_place(const Arm& arm, const ArmSettings& settings,
                         const python::Interpreter& interpreter, const python::Toolset& toolset,
                         const CommonSettings& common, const python::LoadOptions& options) {
  Place place;
  if (arm.kind == ArmKind::subinterpreters) {
    auto apart = python::SubinterpreterBackend::make(interpreter, toolset, options);
    if (!apart) return std::unexpected(apart.error());
    place.subinterpreters = apart->get();
    place.in_process = *std::move(apart);
    return place;
  }
  if (settings.has_private_copies) {
    auto copies =
        python::PrivateBackend::make(interpreter, toolset, arm.workers, settings.private_names);
    if (!copies) return std::unexpected(copies.error());
    place.in_process = *std::move(copies);
    return place;
  }
  place.in_process = std::make_unique<python::PythonBackend>(interpreter, toolset);
  if (is_processes(arm.kind)) {
    place.processes = std::make_unique<process::ProcessBackend>(
        *place.in_process, process::Routed::all_tools, children_for(arm, settings, common));
  }
  return place;
}

// Answers the orders of the process that compares.
class ArmServer final {
 public:
  ArmServer(const Arm& arm, Place& place, compare::RoundRunner& runner, python::Probe& probe,
            std::size_t tool)
      : arm_(arm), place_(place), runner_(runner), probe_(probe), tool_(tool) {}

  void serve() {
    for (;;) {
      const auto frame = process::read_frame(process::kSocket);
      if (!frame || frame->kind != FrameKind::measure || frame->fields.size() != 1) return;
      const std::string answer = obey(frame->fields.front());
      if (!process::write_frame(process::kSocket, FrameKind::measured, {answer})) return;
    }
  }

 private:
  [[nodiscard]] std::string obey(const std::string& text) {
    if (const auto order = compare::read_round_order(text)) return run(*order);
    return copy(text);
  }

  [[nodiscard]] std::string run(const compare::RoundOrder& order) {
    static_cast<void>(probe_.take_pauses());
    static_cast<void>(probe_.take_lock_waits(tool_));
    compare::Round round = runner_.run(order);
    if (!is_processes(arm_.kind) && arm_.kind != ArmKind::subinterpreters) round.copied_bytes = 0;
    add_probed(round);
    return compare::write_round(round);
  }

  // What only Python knows.
  void add_probed(compare::Round& round) {
    if (const auto pauses = probe_.take_pauses()) {
      round.collections = pauses->collections;
      round.collector = pauses->paused;
    }
    if (const auto locks = probe_.take_lock_waits(tool_)) {
      for (const python::LockWait& lock : *locks) {
        round.locks.push_back({lock.name, lock.place, lock.waited, lock.waits});
      }
    }
    round.is_gil_on = probe_.is_gil_on();
    round.gil_enablers = probe_.gil_enablers();
  }

  [[nodiscard]] std::string copy(const std::string& text) {
    json::Writer writer;
    writer.begin_object().key("copy").begin_array();
    const auto document = json::Document::parse(text);
    const auto sizes = document ? document->root().find("copy") : std::nullopt;
    if (sizes && place_.processes) {
      for (const json::View& size : sizes->items()) copy_one(writer, size.as_int64().value_or(0));
    }
    writer.end_array().end_object();
    return writer.take();
  }

  // The median of several, there and back.
  void copy_one(json::Writer& writer, std::int64_t size) {
    constexpr std::size_t kTimes = 15;
    const std::string bytes(static_cast<std::size_t>(std::max<std::int64_t>(0, size)), 'x');
    std::vector<double> taken;
    for (std::size_t time = 0; time < kTimes; ++time) {
      if (const auto one = place_.processes->echo(bytes)) {
        taken.push_back(static_cast<double>(one->count()));
      }
    }
    if (taken.empty()) return;
    const double middle = compare::median_of(std::move(taken));
    writer.begin_array().integer(size).integer(std::llround(middle)).end_array();
  }

  const Arm arm_;
  Place& place_;
  compare::RoundRunner& runner_;
  python::Probe& probe_;
  const std::size_t tool_;
};

std::string facts_of(const python::Probe& probe, Duration startup, Duration dispatch) {
  json::Writer writer;
  writer.begin_object().key("python").string(python::python_version() + " free-threaded");
  writer.key("is_gil_on").boolean(probe.is_gil_on());
  writer.key("gil_enablers").begin_array();
  for (const std::string& name : probe.gil_enablers()) writer.string(name);
  writer.end_array();
  writer.key("startup_ns").integer(startup.count());
  writer.key("dispatch_ns").integer(dispatch.count()).end_object();
  return writer.take();
}

Result<std::size_t> find_tool(const python::Toolset& toolset, const std::string& name) {
  const auto specs = toolset.specs();
  const auto tool = std::ranges::find(specs, name, &call::ToolSpec::name);
  if (tool != specs.end()) return static_cast<std::size_t>(tool - specs.begin());
  return failure(ErrorCode::not_found, "there is no tool `" + name + "`");
}

// Until who asked is gone.
Result<void> measure(const ArmSettings& settings, const Arm& arm, const CommonSettings& common,
                     const python::LoadOptions& options, const python::Interpreter& interpreter,
                     const python::Toolset& toolset) {
  const auto tool = find_tool(toolset, settings.tool);
  if (!tool) return std::unexpected(tool.error());
  python::Probe probe(interpreter, toolset);
  auto place = make_place(arm, settings, interpreter, toolset, common, options);
  if (!place) return std::unexpected(place.error());
  const Time start = std::chrono::steady_clock::now();
  if (place->processes) {
    if (auto ready = place->processes->prepare(arm.workers); !ready) return ready;
  }
  const Duration prepared = std::chrono::steady_clock::now() - start;
  compare::RoundRunner runner(place->backend(), *tool, arm.workers, is_serial(arm.kind));
  if (place->subinterpreters != nullptr) {
    if (auto trouble = place->subinterpreters->failure()) return std::unexpected(*trouble);
  }
  const std::string facts = facts_of(probe, prepared + runner.startup(), runner.dispatch());
  if (process::write_frame(process::kSocket, FrameKind::ready, {"1", facts})) {
    ArmServer(arm, *place, runner, probe, *tool).serve();
  }
  _exit(kFine);  // nothing here is worth an orderly end
}

Result<void> load_and_measure(const ArmSettings& settings, const Arm& arm, Shell& shell) {
  const Places places = find_places();
  auto options = load_options(shell.common, settings.tools, places);
  if (!options) return std::unexpected(options.error());
  options->watches_locks = settings.watches_locks;
  options->watches_collector = true;
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return std::unexpected(interpreter.error());
  auto toolset = python::Toolset::load(**interpreter, *options);
  shell.interrupts.claim();
  if (!toolset) return std::unexpected(toolset.error());
  return measure(settings, arm, shell.common, *options, **interpreter, **toolset);
}

int serve(const ArmSettings& settings, Shell& shell) {
  process::live_no_longer_than_parent(process::kSocket);
  const auto kind = compare::arm_kind_of(settings.kind);
  if (!kind) {
    return refuse({ErrorCode::bad_input, "there is no arm of the kind `" + settings.kind + "`"});
  }
  const auto served = load_and_measure(settings, {*kind, settings.workers}, shell);
  return served ? kFine : refuse(served.error());
}

}  // namespace

void add_arm(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<ArmSettings>();
  CLI::App* command = app.add_subcommand("arm", "measure calls for the program that started this");
  command->group("");  // not listed
  add_tools(*command, settings->tools);
  command->add_option("--tool", settings->tool)->required();
  command->add_option("--kind", settings->kind)->required();
  command->add_option("--workers", settings->workers)->required();
  command->add_flag("--watch-locks", settings->watches_locks);
  command->add_flag("--private-copies", settings->has_private_copies);
  command->add_option("--private-name", settings->private_names);
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return serve(*settings, shell); };
  });
}

}  // namespace atonce::app
