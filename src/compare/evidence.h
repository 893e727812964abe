// What was seen of threads that do not scale, and what it says about the cause.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/report.h"
#include "compare/round.h"

namespace atonce::compare {

// How much faster it was with one thing changed, measured side by side with the same unchanged.
struct Trial {
  std::vector<std::string> names;  // what was made private to each thread; none: all of it
  Interval gain = {};
};

// All of the threads_nogil arm with as many workers as cores, unless said otherwise.
struct Evidence {
  double workers = 1;
  double speedup = 1;  // over one worker of the same kind
  bool is_gil_on = false;
  std::vector<std::string> gil_enablers = {};
  std::string policy = {};       // what keeps the calls apart by order; may be empty
  double call_seconds = 0;       // one call, alone
  double dispatch_seconds = 0;   // of an empty one
  double one_worker = 1;         // one worker's time over the plain loop's
  double system_share = 0;       // of the processor time that went to the kernel
  double faults_per_second = 0;  // pages given
  double collector_share = 0;    // of the rounds' time
  double machine_speedup = 1;    // of a loop in machine code that touches no memory
  double used_by_others = 0;     // share of all cores
  std::optional<double> processes_speedup = std::nullopt;  // over one process
  double locks_share = 0;                      // of the workers' time that they waited for locks
  std::vector<LockWait> locks = {};            // the longest waits first
  std::vector<std::string> shared_names = {};  // what the calls share, as their code names it
  std::vector<Trial> trials = {};              // all of it first
  // One call's time beside threads that stream through memory, over that beside threads that only
  // compute.
  std::optional<Interval> beside_streams = std::nullopt;
};

// Below this share of what so many workers could give, there is a cause to be found.
inline constexpr double kScalesWell = 0.85;

// Whether copies of these names alone gain most of what copies of everything do.
[[nodiscard]] bool helps_enough(const Trial& trial, const Trial& all);

[[nodiscard]] bool scales(const Evidence& evidence);

// The causes that the evidence names, the strongest first; none when it names none.
[[nodiscard]] std::vector<Cause> causes_of(const Evidence& evidence);

}  // namespace atonce::compare
