// Where the loop's calls go. The engine stands behind it, which this folder does not know.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "call/call.h"
#include "call/outcome.h"

namespace atonce::model {

// Runs the calls of one turn, which may become known one after another while the model still
// speaks. Every call that was started gets exactly one outcome.
//
// Thread safety: start() and wait() by one thread; cancel() from any.
class TurnRunner {
 public:
  virtual ~TurnRunner() = default;  // wait() must have been called after the last start()

  // Starts the calls at once, and returns at once. What the engine refuses is answered not_started.
  virtual void start(std::vector<call::Call> calls) = 0;

  // Waits for all outcomes. They are in the order of start(); times count from the first start.
  [[nodiscard]] virtual call::Reply wait() = 0;

  // Answers as cancelled what has no outcome yet.
  virtual void cancel() = 0;
};

using OpenTurn = std::function<std::unique_ptr<TurnRunner>()>;

}  // namespace atonce::model
