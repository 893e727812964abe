// Everything that runs tools, built in the order of dependence and taken down in the other: the
// interpreter, the toolset, the backend, the scheduler.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/interrupts.h"
#include "app/settings.h"
#include "base/clock.h"
#include "engine/scheduler.h"
#include "model/turn_runner.h"
#include "process/backend.h"
#include "python/backend.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::app {

class Runtime final {
 public:
  // Starts Python and loads the tools, which run together as their policy file lets them.
  // Errors: as read_serial_groups, Interpreter::start and Toolset::load.
  // `interrupts` and `observer` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Runtime>> open(const CommonSettings& common,
                                                             const ToolsSettings& tools,
                                                             Interrupts& interrupts,
                                                             engine::Observer& observer);
  ~Runtime();  // close(), if nobody closed it
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] const python::Toolset& toolset() const { return *toolset_; }
  [[nodiscard]] engine::Scheduler& scheduler() { return *scheduler_; }
  // All that calls can be made of: the tools, and what the file offers beside them.
  [[nodiscard]] std::span<const call::ToolSpec> offers() const { return backend_->tools(); }

  // Runs a turn and waits for its reply. A first Ctrl-C cancels the turn.
  [[nodiscard]] call::Reply run(call::Plan plan);

  // For a turn whose calls become known one after another; must end before this does.
  [[nodiscard]] std::unique_ptr<model::TurnRunner> open_turn();

  // Warns, once, when a module that a call imported has turned the GIL on.
  void watch_gil();
  [[nodiscard]] bool is_gil_on() const { return is_gil_known_on_; }

  // Stops the engine and ends Python, and returns `exit_code`. What cannot be ended - a call past
  // its deadline, a thread that a tool started - is named on standard error, and the process ends
  // at once with that code instead.
  int close(int exit_code);

 private:
  explicit Runtime(Interrupts& interrupts) : interrupts_(interrupts) {}

  Interrupts& interrupts_;
  SteadyClock clock_;
  std::unique_ptr<python::Interpreter> interpreter_;
  std::unique_ptr<python::Toolset> toolset_;
  std::unique_ptr<python::PythonBackend> backend_;
  std::unique_ptr<process::ProcessBackend> processes_;  // null unless a tool asks for one
  std::unique_ptr<engine::Scheduler> scheduler_;
  std::optional<Error> load_error_ = {};  // that open() could not tell yet
  bool is_gil_known_on_ = false;          // the person has been told, or asked for it
};

}  // namespace atonce::app
