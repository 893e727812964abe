// A limit that several calls share: a serial group lets one call through at a time, a tool's
// max_concurrency so many. Calls that find it full wait here, first come first served.
// Internal to engine/; not thread safe: the scheduler's mutex guards every gate.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace atonce::engine {

struct Task;

struct Gate {
  std::string name;  // of the group or the tool, for people
  std::size_t capacity = 1;
  std::size_t held = 0;
  std::size_t stuck = 0;  // of those held: answered, but their functions still run
  std::deque<Task*> waiting = {};

  [[nodiscard]] bool is_full() const { return held >= capacity; }
  // Nobody can tell when a place becomes free: all are held by calls that outran their deadlines.
  [[nodiscard]] bool is_blocked() const { return stuck >= capacity; }
};

}  // namespace atonce::engine
