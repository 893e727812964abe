// Runs rounds in the process that is measured: one after another on one lane, or many at a time
// through the engine's scheduler, with any backend.
//
// Thread safety: one thread makes and uses it; run_one_by_one() opens its lane on that thread.
#pragma once

#include <cstddef>
#include <memory>

#include "compare/gauge.h"
#include "compare/round.h"
#include "engine/scheduler.h"

namespace atonce::compare {

class RoundRunner final {
 public:
  // `tool` is the backend's number; the backend must outlive it. Its workers, or its one lane, are
  // there when this returns.
  RoundRunner(engine::Backend& backend, std::size_t tool, std::size_t workers, bool is_serial);
  ~RoundRunner();
  RoundRunner(const RoundRunner&) = delete;
  RoundRunner& operator=(const RoundRunner&) = delete;

  [[nodiscard]] Duration startup() const { return startup_; }  // what the workers took
  [[nodiscard]] Duration dispatch();  // of one empty call; 0 in a serial runner

  // Without what only Python knows: pauses, locks, the GIL.
  [[nodiscard]] Round run(const RoundOrder& order);

 private:
  void start_workers();
  [[nodiscard]] call::Reply run_plan(call::Plan plan);
  [[nodiscard]] Round run_at_once(const RoundOrder& order);
  [[nodiscard]] Round run_one_by_one(const RoundOrder& order);
  [[nodiscard]] call::Outcome run_one(const call::Call& call);

  GaugeBackend gauge_;
  const std::size_t workers_;
  SteadyClock clock_;
  engine::Observer observer_;
  Duration startup_{};
  std::uint64_t tickets_ = 0;
  std::unique_ptr<engine::Lane> lane_;  // of a serial runner
  std::unique_ptr<engine::Scheduler> scheduler_;
};

}  // namespace atonce::compare
