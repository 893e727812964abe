// engine::Backend whose lanes each have an interpreter of their own: threads of one process that
// share no Python objects.
//
// For each call the main interpreter validates the arguments and pickles them; the result comes
// back as JSON, or pickled where only pydantic knows its form. Tools that are async run in their
// lane. A call that is stopped learns it from its Context alone: nothing is raised in it.
#pragma once

#include <Python.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/backend.h"
#include "python/interpreter.h"
#include "python/subinterpreter.h"
#include "python/toolset.h"

namespace atonce::python {

class SubinterpreterBackend final : public engine::Backend {
 public:
  // On the main thread; the first two must outlive it. `options` are those that loaded the toolset.
  // Errors: internal.
  [[nodiscard]] static Result<std::unique_ptr<SubinterpreterBackend>> make(
      const Interpreter& interpreter, const Toolset& toolset, const LoadOptions& options);
  ~SubinterpreterBackend() override;  // on the main thread; every lane must be closed

  [[nodiscard]] std::span<const call::ToolSpec> tools() const override { return tools_; }
  // A lane whose interpreter cannot import the tools gives NotStarted for every call.
  [[nodiscard]] std::unique_ptr<engine::Lane> open_lane(std::size_t number) override;
  // There are no such tools here.
  void start_async(std::size_t tool, const call::Call& call, engine::CallControl& control,
                   AsyncDone done) override;
  void interrupt_async(std::uint64_t) override {}

  // Why a lane could not have its interpreter: of the first one that could not. From any thread.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  friend class SubinterpreterLane;

  SubinterpreterBackend(const Interpreter& interpreter, const Toolset& toolset);
  [[nodiscard]] Result<void> prepare(const LoadOptions& options);
  void note(const Error& error);

  const Interpreter& interpreter_;
  const Toolset& toolset_;
  std::vector<call::ToolSpec> tools_;
  SubinterpreterOptions options_;
  PyObject* dumps_ = nullptr;  // pickle.dumps of the main interpreter; owned, as is
  PyObject* loads_ = nullptr;  // pickle.loads
  mutable std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace atonce::python
