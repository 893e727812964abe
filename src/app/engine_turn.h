// model::TurnRunner over the engine: the calls of one answer, however they come, as one turn.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "engine/scheduler.h"
#include "model/turn_runner.h"

namespace atonce::app {

class EngineTurn final : public model::TurnRunner {
 public:
  // The references must outlive it.
  EngineTurn(engine::Scheduler& scheduler, Clock& clock) : scheduler_(scheduler), clock_(clock) {}

  void start(std::vector<call::Call> calls) override;
  [[nodiscard]] call::Reply wait() override;
  void cancel() override;

 private:
  void take(std::size_t place, Duration since_first, call::Reply reply);
  void refuse(const std::vector<call::Call>& calls, std::size_t place, const std::string& reason);

  engine::Scheduler& scheduler_;
  Clock& clock_;
  Time first_start_{};  // this thread's own

  std::mutex mutex_;
  std::condition_variable done_;
  // Guarded by mutex_.
  std::vector<engine::Scheduler::Handle> handles_;
  call::Reply reply_;
  std::size_t missing_ = 0;  // calls without an outcome
};

}  // namespace atonce::app
