// engine::Backend whose lanes share nothing of the user's module: each runs the functions of a copy
// of its own. Not for serving calls, but for finding out whether sharing is what makes threads
// slow. What the module imports from beyond its folder is shared all the same.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/backend.h"
#include "python/backend.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::python {

class PrivateBackend final : public engine::Backend {
 public:
  // Makes the copies for so many lanes: of `names` alone, or of the whole module if there are none.
  // On the main thread; both must outlive it. Errors: as Toolset::private_copy.
  [[nodiscard]] static Result<std::unique_ptr<PrivateBackend>> make(
      const Interpreter& interpreter, const Toolset& toolset, std::size_t lanes,
      std::span<const std::string> names);
  ~PrivateBackend() override;  // on the main thread; every lane must be closed

  [[nodiscard]] std::span<const call::ToolSpec> tools() const override;
  // Lanes with numbers up to those copied share nothing; further ones begin again with the first.
  [[nodiscard]] std::unique_ptr<engine::Lane> open_lane(std::size_t number) override;
  // Async tools run on one thread, and so with one copy.
  void start_async(std::size_t tool, const call::Call& call, engine::CallControl& control,
                   AsyncDone done) override;
  void interrupt_async(std::uint64_t ticket) override;

 private:
  struct Copy {
    std::unique_ptr<Toolset> toolset;
    std::unique_ptr<PythonBackend> backend;
  };

  explicit PrivateBackend(std::vector<Copy> copies) : copies_(std::move(copies)) {}

  const std::vector<Copy> copies_;
};

}  // namespace atonce::python
