// How far a check is, drawn anew on the terminal while it goes on. On anything but a terminal
// nothing is printed.
//
// Thread safety: one thread at a time.
#pragma once

#include <chrono>

#include "check/progress.h"

namespace atonce::app {

class CheckProgress final : public check::Progress {
 public:
  CheckProgress();

  void on_step(std::string_view what, double share, std::size_t findings) override;

  void end();  // erases what is drawn

 private:
  const bool is_terminal_;
  const std::chrono::steady_clock::time_point start_;
  bool is_drawn_ = false;
};

}  // namespace atonce::app
