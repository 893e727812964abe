#include "app/check_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "app/compare_progress.h"
#include "app/output.h"
#include "base/terminal_text.h"

namespace atonce::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = 1s;  // what takes no longer needs no bar
constexpr int kColumns = 100;

}  // namespace

CheckProgress::CheckProgress()
    : is_terminal_(isatty(STDERR_FILENO) == 1), start_(std::chrono::steady_clock::now()) {}

void CheckProgress::on_step(std::string_view what, double share, std::size_t findings) {
  if (!is_terminal_ || std::chrono::steady_clock::now() - start_ < kQuiet) return;
  const std::string line = fmt::format("{} {:3.0f} %  {} found  {}", progress_bar(share),
                                       std::min(share, 1.0) * 100, findings, what);
  const auto width = static_cast<std::size_t>(terminal_width(STDERR_FILENO, kColumns));
  std::fputs(("\r\033[K" + clipped(line, width - 1)).c_str(), stderr);
  std::fflush(stderr);
  is_drawn_ = true;
}

void CheckProgress::end() {
  if (is_drawn_) std::fputs("\r\033[K", stderr);
  is_drawn_ = false;
}

}  // namespace atonce::app
