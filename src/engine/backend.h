// The seam for "where it runs": threads with Python inside, child processes and other machines are
// backends of one scheduler.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "call/call.h"
#include "call/outcome.h"
#include "call/tool_spec.h"
#include "engine/listener.h"

namespace atonce::engine {

// What a running call may look at. Outlives the run; `is_stopped` turns true when the call has been
// answered already (its deadline passed, or its caller left) and its result is no longer wanted.
struct CallControl {
  std::uint64_t ticket = 0;  // unique in the process; names this run to interrupt()
  Time deadline = Time::max();
  std::atomic<bool> is_stopped = false;
  // Null when nobody listens. Constant while the call runs; shared, since a question may be under
  // way on a thread of the function's own when the call has ended.
  std::shared_ptr<CallListener> listener = nullptr;

  // Who hears what the call says now: nobody any more once it has been answered.
  [[nodiscard]] std::shared_ptr<CallListener> hearer() const {
    return is_stopped.load() ? nullptr : listener;
  }
};

// One place that runs one call at a time. Opened, used and destroyed on one thread.
class Lane {
 public:
  virtual ~Lane() = default;

  // "thread-2": what reports call it.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Runs the call of tool number `tool` to its end. Never throws: whatever the function does comes
  // back as the outcome. May run past the deadline; answering in time is the scheduler's business.
  // A call that is stopped already need not be run: interrupt() may have come before it was there.
  [[nodiscard]] virtual call::Outcome run(std::size_t tool, const call::Call& call,
                                          CallControl& control) = 0;

  // Makes the run named `ticket` end soon where that can be done, and does nothing if that run has
  // ended. From any thread; returns at once.
  virtual void interrupt(std::uint64_t ticket) = 0;
};

class Backend {
 public:
  using AsyncDone = std::move_only_function<void(call::Outcome)>;

  virtual ~Backend() = default;

  // The tools, numbered by their place, and after them what is offered beside tools (call::Role);
  // constant for the backend's life.
  [[nodiscard]] virtual std::span<const call::ToolSpec> tools() const = 0;

  // A lane for the calling thread; `number` counts from 1 and is part of its name.
  [[nodiscard]] virtual std::unique_ptr<Lane> open_lane(std::size_t number) = 0;

  // Starts a call of a tool with ToolSpec::is_async; many run at once on few threads. `done` is
  // called exactly once, on a thread of the backend. `call` and `control` outlive that. As with
  // Lane::run, a call that is stopped already need not be run.
  virtual void start_async(std::size_t tool, const call::Call& call, CallControl& control,
                           AsyncDone done) = 0;

  // As Lane::interrupt, for calls started by start_async.
  virtual void interrupt_async(std::uint64_t ticket) = 0;
};

}  // namespace atonce::engine
