// What became of a call. Every accepted call gets exactly one outcome, whatever its function does.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "call/call.h"

namespace atonce::call {

struct Returned {
  std::string result;  // JSON text
  friend bool operator==(const Returned&, const Returned&) = default;
};

// The function raised, or its result cannot become JSON (type "unserializable_result"),
// or is larger than the limit (type "result_too_large").
struct Raised {
  std::string type;  // the exception's class name
  std::string message;
  std::string traceback = {};  // for people, not for models; the user's frames only
  friend bool operator==(const Raised&, const Raised&) = default;
};

// The call could not be made: no such tool (type "unknown_tool"), or arguments that do not fit
// (type "invalid_arguments"). The message is one that a model can repair the call from.
struct Invalid {
  std::string type;
  std::string message;
  std::string problems = {};  // JSON array of {"path","expected","got","allowed"}; may be empty
  friend bool operator==(const Invalid&, const Invalid&) = default;
};

// Answered at its deadline; the function may still be running.
struct TimedOut {
  std::chrono::milliseconds limit;
  friend bool operator==(const TimedOut&, const TimedOut&) = default;
};

// The caller gave up; the function may still be running if it had started.
struct Cancelled {
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};

// The function was never entered, and never will be.
struct NotStarted {
  std::string reason;
  friend bool operator==(const NotStarted&, const NotStarted&) = default;
};

// What ran the function went away while it ran (a child process, a remote worker).
struct Interrupted {
  std::string reason;
  friend bool operator==(const Interrupted&, const Interrupted&) = default;
};

using Outcome =
    std::variant<Returned, Raised, Invalid, TimedOut, Cancelled, NotStarted, Interrupted>;

// "returned", "raised", "invalid", "timed_out", "cancelled", "not_started" or "interrupted".
[[nodiscard]] std::string_view name_of(const Outcome& outcome);

// One sentence for a person or a model; for Returned, the result itself.
[[nodiscard]] std::string describe(const Outcome& outcome);

// A call with what became of it. Times count from the start of its turn.
struct Finished {
  Call call;
  Outcome outcome;
  std::chrono::nanoseconds started{};  // equal to `ended` when the function was never entered
  std::chrono::nanoseconds ended{};
  std::string lane = {};  // which lane ran it ("thread-2"); empty when none did
};

// The outcomes of a plan, in the plan's order.
struct Reply {
  std::vector<Finished> calls;
  std::chrono::nanoseconds elapsed{};
};

}  // namespace atonce::call
