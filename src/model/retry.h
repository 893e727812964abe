// When to ask a provider again, and the waiting in between, which can be interrupted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace atonce::model {

struct RetryOptions {
  unsigned max_attempts = 5;                                           // of one request, in all
  std::chrono::milliseconds first_delay = std::chrono::seconds(1);     // then doubled
  std::chrono::milliseconds longest_delay = std::chrono::seconds(60);  // of our own choice
  std::chrono::milliseconds most_patience = std::chrono::minutes(2);   // with the server's choice
};

// Whether an answer of this status may be followed by a better one: 408, 429, 500, 502, 503, 504.
[[nodiscard]] bool may_pass(int status);

// How long to wait after attempt number `attempt` (from 1) failed: what the server asks for, else
// the doubled delay lengthened by up to a half of it, `random` being in [0, 1). Nothing when it is
// time to give up: no attempts are left, or the server asks for more than `most_patience`.
[[nodiscard]] std::optional<std::chrono::milliseconds> delay_after(
    unsigned attempt, std::optional<std::chrono::milliseconds> asked, double random,
    const RetryOptions& options);

// The value of a Retry-After header given in seconds; nothing for a date or what is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text);

// A wait that cancel() ends, and every later one with it, until uncancel().
//
// Thread safety: wait() by one thread at a time, the others by any.
class CancellableWait final {
 public:
  explicit CancellableWait(Clock& clock) : clock_(clock) {}  // the clock must outlive it

  // Returns false if it was cancelled.
  bool wait(std::chrono::milliseconds time);
  void cancel();
  void uncancel();
  [[nodiscard]] bool is_cancelled() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool is_cancelled_ = false;  // guarded by mutex_
};

}  // namespace atonce::model
