// Who may ask, and how much: tokens with names, and a rate for each caller.
//
// Thread safety: all functions from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace atonce::serve {

// Tokens by the names of their owners: one a line, `NAME TOKEN`; blank lines and `#` comments are
// passed over.
class Tokens final {
 public:
  // Errors: not_found; bad_input, with the line.
  [[nodiscard]] static Result<std::unique_ptr<Tokens>> read(const std::filesystem::path& file);

  // The name of whose token it is; nothing for a token that nobody has.
  [[nodiscard]] std::optional<std::string> owner_of(std::string_view token) const;
  // Reads the file again: a token that is not there any more counts no more. After an error the old
  // ones do. Errors: as read().
  [[nodiscard]] Result<void> reload();

 private:
  using ByDigest = std::map<std::string, std::string>;  // names, by the tokens' SHA-256
  explicit Tokens(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ByDigest> owners_;  // guarded by mutex_
};

// A bucket of tokens for each caller: `per_second` in the long run, twice that in a burst.
class RateLimit final {
 public:
  RateLimit(double per_second, Clock& clock) : per_second_(per_second), clock_(clock) {}

  // Nothing when the caller may ask now; else how long to wait.
  [[nodiscard]] std::optional<std::chrono::milliseconds> take(const std::string& caller);

 private:
  struct Bucket {
    double filled;
    Time when;
  };
  static constexpr std::size_t kMostCallers = 100'000;

  const double per_second_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // guarded by mutex_
};

}  // namespace atonce::serve
