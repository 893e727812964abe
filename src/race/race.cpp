#include "race/race.h"

namespace atonce::race {

std::string_view to_text(RaceKind kind) {
  switch (kind) {
    case RaceKind::lost_update: return "lost_update";
    case RaceKind::check_then_act: return "check_then_act";
    case RaceKind::data_race: return "data_race";
    case RaceKind::iterate_mutate: return "iterate_mutate";
  }
  return "data_race";
}

std::string_view to_text(Level level) {
  switch (level) {
    case Level::error: return "error";
    case Level::warning: return "warning";
    case Level::note: return "note";
  }
  return "error";
}

std::string_view to_text(Operation operation) {
  switch (operation) {
    case Operation::read: return "read";
    case Operation::write: return "write";
    case Operation::read_write: return "read_write";
    case Operation::iterate: return "iterate";
  }
  return "read";
}

}  // namespace atonce::race
