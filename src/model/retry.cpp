#include "model/retry.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace atonce::model {

bool may_pass(int status) {
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
  }
}

std::optional<std::chrono::milliseconds> delay_after(unsigned attempt,
                                                     std::optional<std::chrono::milliseconds> asked,
                                                     double random, const RetryOptions& options) {
  if (attempt >= options.max_attempts) return std::nullopt;
  if (asked && *asked > options.most_patience) return std::nullopt;
  if (asked && asked->count() > 0) return asked;
  std::chrono::milliseconds delay = options.first_delay;
  for (unsigned n = 1; n < attempt && delay < options.longest_delay; ++n) delay *= 2;
  delay = std::min(delay, options.longest_delay);
  const double jitter = static_cast<double>(delay.count()) * 0.5 * random;
  return delay + std::chrono::milliseconds(static_cast<std::int64_t>(jitter));
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text) {
  unsigned seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return std::chrono::seconds(seconds);
}

bool CancellableWait::wait(std::chrono::milliseconds time) {
  const Time until = clock_.now() + time;
  std::unique_lock lock(mutex_);
  while (!is_cancelled_ && clock_.now() < until) clock_.wait_until(lock, wake_, until);
  return !is_cancelled_;
}

void CancellableWait::cancel() {
  {
    const std::lock_guard lock(mutex_);
    is_cancelled_ = true;
  }
  wake_.notify_all();
}

void CancellableWait::uncancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = false;
}

bool CancellableWait::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return is_cancelled_;
}

}  // namespace atonce::model
