// engine::Backend around another that has one of its tools and an empty one, for measuring: the
// empty one tells when every worker is there, and what handing over a call costs.
//
// Thread safety: as engine::Backend.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/backend.h"

namespace atonce::compare {

class GaugeBackend final : public engine::Backend {
 public:
  static constexpr const char* kEmptyTool = "atonce_empty";  // returns null at once

  // Runs the inner backend's tool number `tool` as number 0. Its retries and time limits are left
  // out, since a round is given whole; its serial group and max_concurrency stay. An async one,
  // which needs no worker, is held to `workers` calls at a time.
  GaugeBackend(engine::Backend& inner, std::size_t tool, std::size_t workers);

  [[nodiscard]] std::span<const call::ToolSpec> tools() const override { return tools_; }
  [[nodiscard]] std::unique_ptr<engine::Lane> open_lane(std::size_t number) override;
  void start_async(std::size_t tool, const call::Call& call, engine::CallControl& control,
                   AsyncDone done) override;
  void interrupt_async(std::uint64_t ticket) override;

  // Until `workers` empty calls have been entered, none of them returns.
  void hold_until(std::size_t workers);

 private:
  friend class GaugeLane;
  void enter_empty();

  engine::Backend& inner_;
  const std::size_t tool_;
  std::vector<call::ToolSpec> tools_;
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::size_t missing_ = 0;  // guarded by mutex_
};

}  // namespace atonce::compare
