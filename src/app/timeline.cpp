#include "app/timeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "app/output.h"

namespace atonce::app {
namespace {

using Ms = std::chrono::duration<double, std::milli>;

constexpr int kNarrowestBar = 10;
constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// `from` and `to` are shares of the whole, 0 to 1. At least a sliver is always drawn.
std::string bar(double from, double to, int columns, bool unicode) {
  const int steps = unicode ? 8 : 1;
  const int start = std::min(static_cast<int>(from * columns), columns - 1);
  const int length = std::max(
      1,
      static_cast<int>(std::lround((to - static_cast<double>(start) / columns) * columns * steps)));
  const int full = std::min(length / steps, columns - start);
  const int rest = full == columns - start ? 0 : length % steps;
  std::string text(static_cast<std::size_t>(start), ' ');
  text += unicode ? repeated("█", full) + std::string(kEighths[rest])
                  : std::string(static_cast<std::size_t>(full), '#');
  const int used = start + full + (rest > 0 ? 1 : 0);
  return text + std::string(static_cast<std::size_t>(columns - used), ' ');
}

std::string_view colour_of(const call::Outcome& outcome) {
  if (std::holds_alternative<call::Returned>(outcome)) return "\033[32m";
  if (std::holds_alternative<call::Raised>(outcome)) return "\033[31m";
  return "\033[33m";
}

struct Widths {
  int name = 4;
  int outcome = 8;
  int lane = 0;
};

Widths widths_of(const call::Reply& reply) {
  Widths widths;
  for (const auto& each : reply.calls) {
    widths.name = std::max(widths.name, static_cast<int>(each.call.name.size()));
    widths.outcome = std::max(widths.outcome, static_cast<int>(name_of(each.outcome).size()));
    widths.lane = std::max(widths.lane, static_cast<int>(each.lane.size()));
  }
  widths.name = std::min(widths.name, 32);
  return widths;
}

}  // namespace

std::string draw_timeline(const call::Reply& reply, const TimelineStyle& style) {
  if (reply.calls.empty()) return {};
  const Widths widths = widths_of(reply);
  const int taken = widths.name + widths.outcome + widths.lane + 17;
  const int columns = std::max(kNarrowestBar, style.width - taken);
  const double whole = std::max(Ms(reply.elapsed).count(), 1e-6);
  std::string text;
  for (const auto& each : reply.calls) {
    const Ms started = each.started;
    const Ms ended = each.ended;
    const std::string drawn =
        bar(started.count() / whole, ended.count() / whole, columns, style.unicode);
    text += fmt::format("{:<{}} {:<{}} {:>9.1f} ms  {}{}{}  {}\n",
                        std::string_view(each.call.name).substr(0, 32), widths.name,
                        name_of(each.outcome), widths.outcome, (ended - started).count(),
                        style.colour ? colour_of(each.outcome) : "", drawn,
                        style.colour ? "\033[0m" : "", each.lane);
  }
  if (reply.calls.size() == 1) return text;  // the bar has said it all
  double one_by_one = 0;
  for (const auto& each : reply.calls) one_by_one += Ms(each.ended - each.started).count();
  text += fmt::format("{} calls in {:.1f} ms", reply.calls.size(), whole);
  // Calls that start while the model still speaks are spread over its time, not over their own.
  if (one_by_one > whole) {
    text += fmt::format("; one after the other they take {:.1f} ms", one_by_one);
  }
  text += "\n";
  return text;
}

TimelineStyle timeline_style() {
  const char* const locale = std::getenv("LC_ALL") ? std::getenv("LC_ALL") : std::getenv("LANG");
  const std::string_view name = locale == nullptr ? "" : locale;
  return {.width = terminal_width(STDERR_FILENO, 80),
          .colour = wants_colour(STDERR_FILENO),
          .unicode = name.empty() || name.contains("UTF-8") || name.contains("utf8")};
}

}  // namespace atonce::app
