// engine::Backend that runs some tools, or all, in child processes and leaves the others to another
// backend. A call that crashes its process, ends it or outruns its deadline takes down nothing but
// that process.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "process/child_pool.h"

namespace atonce::process {

enum class Routed { isolated_tools, all_tools };

class ProcessBackend final : public engine::Backend {
 public:
  // `inner` runs what is not routed to a child, and must outlive it.
  ProcessBackend(engine::Backend& inner, Routed routed, ChildPoolOptions options);
  ~ProcessBackend() override;  // every lane must be closed

  // Those of the inner backend; a routed one is never async here, because its child sees to that.
  [[nodiscard]] std::span<const call::ToolSpec> tools() const override { return tools_; }
  [[nodiscard]] std::unique_ptr<engine::Lane> open_lane(std::size_t number) override;
  void start_async(std::size_t tool, const call::Call& call, engine::CallControl& control,
                   AsyncDone done) override;
  void interrupt_async(std::uint64_t ticket) override;

  // Starts so many children, all at once, and waits until they are ready; they stay for the calls
  // to come. Errors: as Child::start() and Child::wait_until_ready().
  [[nodiscard]] Result<void> prepare(std::size_t children);

  // How long it takes a child to give so many bytes back. Errors: as Child::ask().
  [[nodiscard]] Result<Duration> echo(const std::string& bytes);

 private:
  engine::Backend& inner_;
  std::vector<call::ToolSpec> tools_;
  std::vector<bool> is_routed_;  // by the tool's number
  ChildPool pool_;
};

}  // namespace atonce::process
