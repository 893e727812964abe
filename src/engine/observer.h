// The seam for "who watches": what happened to a call. All methods do nothing by default.
//
// Thread safety: called from workers and the timer, many at a time, with no lock held; an observer
// must not block.
#pragma once

#include <string_view>

#include "call/outcome.h"

namespace atonce::engine {

class Observer {
 public:
  virtual ~Observer() = default;

  // The function is about to be entered (again, when `attempt` is not 0).
  virtual void on_started(const call::Call& /*call*/, std::string_view /*lane*/,
                          unsigned /*attempt*/) {}

  // The call has its outcome.
  virtual void on_finished(const call::Finished& /*finished*/) {}

  // A call was answered while its function still runs; `on_unstuck` follows if it ever returns.
  virtual void on_stuck(const call::Call& /*call*/, std::string_view /*lane*/) {}
  virtual void on_unstuck(const call::Call& /*call*/) {}
};

}  // namespace atonce::engine
