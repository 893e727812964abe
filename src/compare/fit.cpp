#include "compare/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/units.h"

namespace atonce::compare {
namespace {

// Of work per call that threads lose to each other and processes do not: below, it is noise.
constexpr double kLeastContention = 0.03;

double amdahl(std::span<const Point> points) {
  double above = 0;
  double below = 0;
  for (const auto& [workers, speedup] : points) {
    const double x = 1 - 1 / workers;
    above += x * (1 / speedup - 1 / workers);
    below += x * x;
  }
  return std::clamp(above / below, 0.0, 1.0);
}

struct Terms {
  double contention = 0;
  double coherency = 0;
};

// Least squares for N / S - 1 = a (N - 1) + b N (N - 1), with 0 <= a <= 1 and 0 <= b.
Terms universal(std::span<const Point> points) {
  double xx = 0, xz = 0, zz = 0, xy = 0, zy = 0;
  for (const auto& [workers, speedup] : points) {
    const double x = workers - 1;
    const double z = workers * (workers - 1);
    const double y = workers / speedup - 1;
    xx += x * x, xz += x * z, zz += z * z, xy += x * y, zy += z * y;
  }
  const double determinant = xx * zz - xz * xz;
  Terms terms{.contention = xy / xx};
  if (determinant > 1e-9 * xx * zz) {
    terms = {(xy * zz - zy * xz) / determinant, (zy * xx - xy * xz) / determinant};
  }
  if (terms.coherency < 0) terms = {.contention = xy / xx, .coherency = 0};
  const double bounded = std::clamp(terms.contention, 0.0, 1.0);
  if (bounded != terms.contention) {
    terms = {.contention = bounded, .coherency = std::max(0.0, (zy - bounded * xz) / zz)};
  }
  return terms;
}

}  // namespace

Fit fit(ArmKind kind, std::span<const Point> points) {
  std::vector<Point> used;
  for (const Point& point : points) {
    if (point.workers > 1 && point.speedup > 0) used.push_back(point);
  }
  if (used.empty()) return {.kind = kind};
  const Terms terms = universal(used);
  Fit fitted{.kind = kind,
             .serial_share = amdahl(used),
             .contention = terms.contention,
             .coherency = terms.coherency};
  if (terms.coherency > 1e-6) {
    fitted.best_workers = std::max(1.0, std::sqrt((1 - terms.contention) / terms.coherency));
  }
  return fitted;
}

CopyLaw copy_law(std::span<const CopyCost> costs) {
  // Weighted by 1 / seconds^2: a microsecond matters for the small ones.
  double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
  for (const auto& [bytes, seconds] : costs) {
    if (seconds <= 0) continue;
    const double weight = 1 / (seconds * seconds);
    w += weight, wx += weight * bytes, wxx += weight * bytes * bytes;
    wy += weight * seconds, wxy += weight * bytes * seconds;
  }
  const double determinant = w * wxx - wx * wx;
  if (w == 0) return {};
  if (determinant <= 0) return {.base_seconds = wy / w};
  return {.base_seconds = std::max(0.0, (wy * wxx - wxy * wx) / determinant),
          .seconds_per_byte = std::max(0.0, (w * wxy - wx * wy) / determinant)};
}

Crossing crossing(const CallCosts& costs) {
  if (costs.call <= 0 || costs.threads <= 0 || costs.processes <= 0) return {};
  const CopyLaw law = copy_law(costs.copying);
  const double copying = law.base_seconds + law.seconds_per_byte * costs.bytes;
  // What is lost in each, as a share of the work itself.
  const double in_threads = std::max(0.0, (costs.threads - costs.dispatch) / costs.call - 1);
  const double in_processes = std::max(0.0, (costs.processes - copying) / costs.call - 1);
  const double gain = in_threads - in_processes;
  const double per_call = copying - costs.dispatch;
  if (gain < kLeastContention) {
    return {.sentence =
                "threads without the GIL lose nothing to each other here, so no call is long "
                "enough for processes to win: they only add " +
                in_units(std::max(0.0, per_call)) + " of copying to each call"};
  }
  Crossing found{.call_seconds = std::max(0.0, per_call) / gain};
  const double left = costs.call * gain + costs.dispatch - law.base_seconds;
  if (law.seconds_per_byte > 0) found.argument_bytes = std::max(0.0, left / law.seconds_per_byte);
  found.sentence = "processes win from " + in_units(*found.call_seconds) +
                   " a call on (this one takes " + in_units(costs.call) + ")";
  if (found.argument_bytes) {
    found.sentence += ", as long as arguments and result together stay below " +
                      in_bytes(*found.argument_bytes) + " (here " + in_bytes(costs.bytes) + ")";
  }
  return found;
}

}  // namespace atonce::compare
