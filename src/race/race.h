// What the detector found: two or three accesses that no order keeps apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "race/epoch.h"
#include "race/thread.h"

namespace atonce::race {

enum class RaceKind { lost_update, check_then_act, data_race, iterate_mutate };
enum class Level { error, warning, note };

[[nodiscard]] std::string_view to_text(RaceKind kind);
[[nodiscard]] std::string_view to_text(Level level);

enum class Operation { read, write, read_write, iterate };

[[nodiscard]] std::string_view to_text(Operation operation);

struct Side {
  Operation operation = Operation::read;
  Epoch epoch;
};

// In the order in which they happened, but that the read and the write of one thread stand
// together.
struct Race {
  RaceKind kind = RaceKind::data_race;
  Level level = Level::error;
  bool is_potential = false;  // did not happen: locks kept the accesses in order this time
  bool is_guess = false;      // only the test was seen, not that both acted upon it
  std::vector<Side> sides;
};

}  // namespace atonce::race
