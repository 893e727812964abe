#include "app/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "app/engine_turn.h"
#include "app/policy_file.h"
#include "app/random.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "python/gil.h"

namespace atonce::app {
namespace {

using namespace std::chrono_literals;

// What runs gets this long to end when the command is done; a command has no calls left but those
// that were answered at their deadlines.
constexpr auto kGrace = 200ms;

// Python may let nobody in any more, and the reply that is there is not held back for that.
constexpr auto kGilAnswer = 200ms;

// Python's own ending waits for threads that tools have started; not for longer than this.
constexpr auto kLongestFinalization = 5s;

engine::Options engine_options(const CommonSettings& common) {
  const auto timeout = std::chrono::milliseconds(std::llround(common.timeout_seconds * 1000));
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return {
      .call_timeout = timeout,
      .pool = {.places = std::min(cores, common.max_threads), .max_threads = common.max_threads}};
}

bool wants_process(const call::ToolSpec& tool) {
  return tool.policy.isolation == call::Isolation::process;
}

// A child that computes takes a core, one that waits takes 30 MB: a few more than there are cores.
// One is started before the first call, which would otherwise wait for its Python.
process::ChildPoolOptions child_options(const CommonSettings& common, const ToolsSettings& tools) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return {.command = own_command("lane", common, tools),
          .most_children = std::max<std::size_t>(4, 2 * cores),
          .spares = 1};
}

// Nothing is destroyed: threads that cannot be ended may still use it.
[[noreturn]] void leave(int exit_code) {
  // Only this stream, and only if nobody has it: a thread left behind may wait in one for ever.
  if (ftrylockfile(stdout) == 0) fflush_unlocked(stdout);
  _exit(exit_code);
}

// A way out of an ending that does not end; it comes to nothing when the process is gone by then.
void leave_later(int exit_code, std::optional<Error> untold) {
  std::thread([exit_code, untold = std::move(untold)] {
    std::this_thread::sleep_for(kLongestFinalization);
    if (untold) print_error(*untold);
    print_warning("a thread that a tool started does not end; leaving without it");
    leave(exit_code);
  }).detach();
}

// Each of the tools files has one of its own, with the names that its tools have in it.
Result<void> heed_policies(const ToolsSettings& tools, python::LoadOptions& options) {
  if (tools.policy && tools.specs.size() > 1) {
    return failure(ErrorCode::bad_input, "--policy is of one tools file, and here are several",
                   "leave the policy beside its file, where atonce check --write-policy puts it");
  }
  for (python::ToolsSource& source : options.sources) {
    auto serial = read_serial_groups(tools, source.spec);
    if (!serial) return std::unexpected(serial.error());
    source.serial_groups = *std::move(serial);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(const CommonSettings& common,
                                               const ToolsSettings& tools, Interrupts& interrupts,
                                               engine::Observer& observer) {
  const Places places = find_places();
  auto options = load_options(common, tools, places);
  if (!options) return std::unexpected(options.error());
  if (auto heeded = heed_policies(tools, *options); !heeded) {
    return std::unexpected(heeded.error());
  }
  std::unique_ptr<Runtime> runtime(new Runtime(interrupts));
  auto interpreter = python::Interpreter::start(interpreter_options(common, places));
  if (!interpreter) return std::unexpected(interpreter.error());
  runtime->interpreter_ = *std::move(interpreter);
  auto toolset = python::Toolset::load(*runtime->interpreter_, *options);
  interrupts.claim();
  if (!toolset) {
    runtime->load_error_ = toolset.error();
    return std::unexpected(toolset.error());
  }
  runtime->toolset_ = *std::move(toolset);
  runtime->is_gil_known_on_ =
      python::is_gil_on(python::Attached(runtime->interpreter_->main_thread()));
  for (const std::string& warning : runtime->toolset_->warnings()) print_warning(warning);
  runtime->backend_ =
      std::make_unique<python::PythonBackend>(*runtime->interpreter_, *runtime->toolset_);
  engine::Backend* backend = runtime->backend_.get();
  if (std::ranges::any_of(backend->tools(), wants_process)) {
    runtime->processes_ = std::make_unique<process::ProcessBackend>(
        *backend, process::Routed::isolated_tools, child_options(common, tools));
    backend = runtime->processes_.get();
  }
  runtime->scheduler_ = std::make_unique<engine::Scheduler>(
      *backend, runtime->clock_, observer, random_numbers(), engine_options(common));
  return runtime;
}

call::Reply Runtime::run(call::Plan plan) {
  EngineTurn turn(*scheduler_, clock_);
  const Interrupts::Handler cancels(interrupts_, [&] { turn.cancel(); });
  turn.start(std::move(plan.calls));
  call::Reply reply = turn.wait();
  watch_gil();
  return reply;
}

std::unique_ptr<model::TurnRunner> Runtime::open_turn() {
  return std::make_unique<EngineTurn>(*scheduler_, clock_);
}

// An import inside a call can turn the GIL on long after the tools were loaded.
void Runtime::watch_gil() {
  if (is_gil_known_on_) return;
  is_gil_known_on_ = backend_->ask_gil(kGilAnswer).value_or(false);
  if (!is_gil_known_on_) return;
  print_warning("a call imported a module that turned the GIL on: calls now run one at a time");
}

int Runtime::close(int exit_code) {
  if (!interpreter_) return exit_code;
  const std::vector<std::string> stuck =
      scheduler_ ? scheduler_->stop(kGrace) : std::vector<std::string>{};
  for (const std::string& name : stuck) {
    print_warning("`" + name + "` is still running and cannot be ended; leaving without it");
  }
  if (!stuck.empty()) leave(exit_code);
  leave_later(exit_code, load_error_);
  scheduler_.reset();
  processes_.reset();
  backend_.reset();
  toolset_.reset();
  interpreter_.reset();
  return exit_code;
}

Runtime::~Runtime() { close(load_error_ ? exit_code_of(*load_error_) : kFailed); }

}  // namespace atonce::app
