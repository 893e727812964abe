// Laws fitted to speed-ups, and the point from which processes are as fast as threads.
//
// Amdahl, "Validity of the single processor approach" (1967); Gunther's Universal Scalability Law,
// "A General Theory of Computational Scalability" (2008), whose second term says that more workers
// can make it slower, which Amdahl's cannot.
//
// Thread safety: pure functions.
#pragma once

#include <span>
#include <vector>

#include "compare/report.h"

namespace atonce::compare {

struct Point {
  double workers = 1;
  double speedup = 1;  // over one worker of the same kind
};

// From the points with more than one worker; nothing without such. Where one point leaves both of
// the law's terms open, the coherency is the least that explains it.
[[nodiscard]] Fit fit(ArmKind kind, std::span<const Point> points);

// What one call costs, in seconds, where all workers are busy.
struct CallCosts {
  double call = 0;                     // alone, in the function
  double bytes = 0;                    // of its arguments and its result
  double threads = 0;                  // a worker's time for one call, GIL off
  double processes = 0;                // the same in processes, copying included
  double dispatch = 0;                 // of an empty call to a thread
  std::vector<CopyCost> copying = {};  // of an empty call to a process
};

// Copying costs so much and so much more a byte (least squares over the relative errors).
struct CopyLaw {
  double base_seconds = 0;
  double seconds_per_byte = 0;
};
[[nodiscard]] CopyLaw copy_law(std::span<const CopyCost> costs);

[[nodiscard]] Crossing crossing(const CallCosts& costs);

}  // namespace atonce::compare
