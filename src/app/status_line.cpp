#include "app/status_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "app/output.h"

namespace atonce::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = 1s;
constexpr auto kStep = 200ms;

void draw(const std::string& text) {
  std::fputs(("\r\033[K" + text).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

StatusLine::StatusLine(std::string text) : text_(std::move(text)) {
  if (isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { work(); });
}

StatusLine::~StatusLine() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
    ended_.notify_one();
  }
  thread_.join();
}

void StatusLine::work() {
  const auto started = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, kQuiet, [this] { return is_ended_; })) return;
  do {
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - started;
    draw(fmt::format("{} ({:.0f} s)", text_, waited.count()));
  } while (!ended_.wait_for(lock, kStep, [this] { return is_ended_; }));
  draw("");
}

}  // namespace atonce::app
