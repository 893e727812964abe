#include "python/backend.h"

#include <string>
#include <utility>

#include "python/forked.h"
#include "python/invoke.h"

namespace atonce::python {
namespace {

class ThreadLane final : public engine::Lane {
 public:
  ThreadLane(const Interpreter& interpreter, const Toolset& toolset, Interrupter& interrupter,
             std::size_t number)
      : toolset_(toolset),
        interrupter_(interrupter),
        name_("thread-" + std::to_string(number)),
        state_(interpreter.state()),
        running_(std::make_shared<RunningCall>()) {
    running_->thread_id = state_.get()->thread_id;
  }

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] call::Outcome run(std::size_t tool, const call::Call& call,
                                  engine::CallControl& control) override {
    const Attached py(state_.get());
    call::Outcome outcome = invoke(py, toolset_, toolset_.tool(tool), call, control, *running_);
    end_forked_child(outcome);
    return outcome;
  }

  void interrupt(std::uint64_t ticket) override { interrupter_.post(running_, ticket); }

 private:
  const Toolset& toolset_;
  Interrupter& interrupter_;
  const std::string name_;
  const ThreadState state_;
  const std::shared_ptr<RunningCall> running_;
};

}  // namespace

PythonBackend::PythonBackend(const Interpreter& interpreter, const Toolset& toolset)
    : interpreter_(interpreter),
      toolset_(toolset),
      interrupter_(interpreter, toolset),
      loop_(interpreter, toolset) {}

PythonBackend::~PythonBackend() = default;

std::unique_ptr<engine::Lane> PythonBackend::open_lane(std::size_t number) {
  return std::make_unique<ThreadLane>(interpreter_, toolset_, interrupter_, number);
}

void PythonBackend::start_async(std::size_t tool, const call::Call& call,
                                engine::CallControl& control, AsyncDone done) {
  loop_.start(toolset_.tool(tool), call, control, std::move(done));
}

std::optional<bool> PythonBackend::ask_gil(std::chrono::milliseconds limit) {
  return interrupter_.ask_gil(limit);
}

void PythonBackend::interrupt_async(std::uint64_t ticket) { loop_.interrupt(ticket); }

}  // namespace atonce::python
