// engine::Backend over Python: lanes that call the tools' functions on threads of this process, and
// an event loop for those that are async.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "engine/backend.h"
#include "python/event_loop.h"
#include "python/interpreter.h"
#include "python/interrupter.h"
#include "python/toolset.h"

namespace atonce::python {

class PythonBackend final : public engine::Backend {
 public:
  PythonBackend(const Interpreter& interpreter, const Toolset& toolset);  // must outlive it
  ~PythonBackend() override;  // every lane must be closed, every async call done

  [[nodiscard]] std::span<const call::ToolSpec> tools() const override { return toolset_.all(); }
  [[nodiscard]] std::unique_ptr<engine::Lane> open_lane(std::size_t number) override;
  void start_async(std::size_t tool, const call::Call& call, engine::CallControl& control,
                   AsyncDone done) override;
  void interrupt_async(std::uint64_t ticket) override;

  // As Interrupter::ask_gil.
  [[nodiscard]] std::optional<bool> ask_gil(std::chrono::milliseconds limit);

 private:
  const Interpreter& interpreter_;
  const Toolset& toolset_;
  Interrupter interrupter_;
  EventLoop loop_;
};

}  // namespace atonce::python
