// Who is told how far a check is.
#pragma once

#include <cstddef>
#include <string_view>

namespace atonce::check {

// Thread safety: called by one thread at a time.
class Progress {
 public:
  virtual ~Progress() = default;

  // `share`: of the time given, or of the work when that will be done first.
  virtual void on_step(std::string_view what, double share, std::size_t findings) = 0;
};

}  // namespace atonce::check
