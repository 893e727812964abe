// A turn drawn as text: one bar a call, on one scale of time.
//
//   get_exchange_rate  returned     0.1 ms   ##                              thread-1
//   find_similar_talks returned    92.4 ms   ##############################  thread-2
#pragma once

#include <string>

#include "call/outcome.h"

namespace atonce::app {

struct TimelineStyle {
  int width = 80;  // columns in all
  bool colour = false;
  bool unicode = true;  // block characters, an eighth of a column fine
};

// Lines for people, each ending in a newline; empty for a turn without calls.
[[nodiscard]] std::string draw_timeline(const call::Reply& reply, const TimelineStyle& style);

// The style for standard error as it is now.
[[nodiscard]] TimelineStyle timeline_style();

}  // namespace atonce::app
