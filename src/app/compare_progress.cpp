#include "app/compare_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/output.h"
#include "app/timeline.h"

namespace atonce::app {
namespace {

constexpr std::size_t kBarColumns = 24;

}  // namespace

std::string progress_bar(double share) {
  const bool has_blocks = timeline_style().unicode;
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarColumns);
  std::string bar;
  for (std::size_t column = 0; column < kBarColumns; ++column) {
    bar += column < full ? (has_blocks ? "\u2588" : "#") : (has_blocks ? "\u2591" : ".");
  }
  return bar;
}

compare::TableStyle table_style(int fd) {
  constexpr int kColumns = 100;  // where there is no terminal
  return {.width = static_cast<std::size_t>(terminal_width(fd, kColumns)),
          .colour = wants_colour(fd),
          .unicode = timeline_style().unicode};
}

CompareProgress::CompareProgress(double budget_seconds)
    : budget_seconds_(budget_seconds), is_terminal_(isatty(STDERR_FILENO) == 1) {}

void CompareProgress::on_step(std::string_view what, double share) {
  step_ = what;
  share_ = share;
  draw();
}

void CompareProgress::on_figures(const compare::Report& so_far) {
  bars_ = compare::draw_bars(so_far, table_style(STDERR_FILENO));
  draw();
}

void CompareProgress::draw() {
  if (!is_terminal_) return;
  const double left = std::max(0.0, (1 - share_) * budget_seconds_);
  const std::string line = fmt::format("{} {:3.0f} %  {:.0f} s left  {}", progress_bar(share_),
                                       std::min(share_, 1.0) * 100, left, step_);
  end();
  std::fputs((line + "\n" + bars_).c_str(), stderr);
  std::fflush(stderr);
  lines_ = 1 + static_cast<std::size_t>(std::ranges::count(bars_, '\n'));
}

void CompareProgress::end() {
  if (lines_ == 0) return;
  std::fprintf(stderr, "\033[%zuA\r\033[J", lines_);  // up so many lines, and clear what follows
  lines_ = 0;
}

}  // namespace atonce::app
