// One round: the same calls on the same arguments, run by one arm from the first to the last. What
// is asked of a host and what it answers, and their JSON forms (docs/formats/lane.md), which other
// Pythons speak too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace atonce::compare {

struct RoundOrder {
  std::size_t calls = 0;
  std::vector<std::string> arguments = {};  // JSON texts; call number i has the i-th, going round
  // The same arguments as validated objects, pickled, for a Python that has no pydantic.
  std::vector<std::string> pickles = {};
};

// When one call ran, from the start of its round.
struct Span {
  Duration started{};
  Duration ended{};
  std::size_t lane = 0;  // counts from 0

  friend bool operator==(const Span&, const Span&) = default;
};

// How long the round's calls waited for one lock.
struct LockWait {
  std::string name;   // as the tools' module calls it, or empty
  std::string place;  // "tools.py:12", where it was made
  Duration waited{};
  std::uint64_t waits = 0;

  friend bool operator==(const LockWait&, const LockWait&) = default;
};

struct Round {
  Duration elapsed{};            // from before the first call was handed over to the last outcome
  std::vector<Span> spans = {};  // of the first kMostSpans calls, in the order they were given
  Duration busy{};               // summed over all calls: between start and end
  std::size_t failed = 0;        // calls that did not return
  std::string failure = {};      // what the first of them says
  std::size_t collections = 0;   // of the cyclic garbage collector
  Duration collector{};          // their pauses, summed
  std::size_t copied_bytes = 0;  // arguments and results that went between processes
  bool is_gil_on = false;        // at the end of the round
  std::vector<std::string> gil_enablers = {};  // the modules that turned it on
  std::vector<LockWait> locks = {};            // only where locks are watched

  friend bool operator==(const Round&, const Round&) = default;
};

inline constexpr std::size_t kMostSpans = 2'000;

[[nodiscard]] std::string write_round_order(const RoundOrder& order);
[[nodiscard]] std::string write_round(const Round& round);

// Errors: bad_response, naming the member that is missing or no number.
[[nodiscard]] Result<RoundOrder> read_round_order(std::string_view json);
[[nodiscard]] Result<Round> read_round(std::string_view json);

}  // namespace atonce::compare
