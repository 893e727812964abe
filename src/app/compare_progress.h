// What a comparison does and has found so far, drawn anew on the terminal while it goes on. On
// anything but a terminal nothing is printed.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <string>

#include "compare/comparison.h"
#include "compare/table.h"

namespace atonce::app {

class CompareProgress final : public compare::Progress {
 public:
  explicit CompareProgress(double budget_seconds);

  void on_step(std::string_view what, double share) override;
  [[nodiscard]] bool wants_figures() const override { return is_terminal_; }
  void on_figures(const compare::Report& so_far) override;

  void end();  // erases what is drawn

 private:
  void draw();

  const double budget_seconds_;
  const bool is_terminal_;
  std::string step_;
  double share_ = 0;
  std::string bars_;
  std::size_t lines_ = 0;  // that are drawn now
};

// A bar that is full when `share` is 1.
[[nodiscard]] std::string progress_bar(double share);

// How to draw for a descriptor: standard error, or the data's.
[[nodiscard]] compare::TableStyle table_style(int fd);

}  // namespace atonce::app
