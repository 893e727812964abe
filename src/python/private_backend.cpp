#include "python/private_backend.h"

#include <algorithm>
#include <utility>

namespace atonce::python {

Result<std::unique_ptr<PrivateBackend>> PrivateBackend::make(const Interpreter& interpreter,
                                                             const Toolset& toolset,
                                                             std::size_t lanes,
                                                             std::span<const std::string> names) {
  std::vector<Copy> copies;
  while (copies.size() < std::max<std::size_t>(lanes, 1)) {
    auto copy = Toolset::private_copy(toolset, names);
    if (!copy) return std::unexpected(copy.error());
    auto backend = std::make_unique<PythonBackend>(interpreter, **copy);
    copies.push_back({.toolset = *std::move(copy), .backend = std::move(backend)});
  }
  return std::unique_ptr<PrivateBackend>(new PrivateBackend(std::move(copies)));
}

PrivateBackend::~PrivateBackend() = default;

std::span<const call::ToolSpec> PrivateBackend::tools() const {
  return copies_.front().backend->tools();
}

std::unique_ptr<engine::Lane> PrivateBackend::open_lane(std::size_t number) {
  return copies_[(number - 1) % copies_.size()].backend->open_lane(number);
}

void PrivateBackend::start_async(std::size_t tool, const call::Call& call,
                                 engine::CallControl& control, AsyncDone done) {
  copies_.front().backend->start_async(tool, call, control, std::move(done));
}

void PrivateBackend::interrupt_async(std::uint64_t ticket) {
  copies_.front().backend->interrupt_async(ticket);
}

}  // namespace atonce::python
