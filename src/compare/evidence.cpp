#include "compare/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

// What a share must reach to be called a cause: well above what healthy functions show.
constexpr double kLockShare = 0.15;
constexpr double kCollectorShare = 0.1;
constexpr double kSystemShare = 0.2;
constexpr double kManyFaults = 20'000;  // a second, and core: each takes a microsecond or more
constexpr double kPrivateGain = 1.2;
constexpr double kStreamSlowdown = 1.15;
constexpr double kDispatchesInCall = 20;
constexpr double kOverhead = 1.25;

using Found = std::optional<Cause>;

Found find_gil(const Evidence& seen) {
  if (!seen.is_gil_on) return std::nullopt;
  const std::string who = in_backticks(seen.gil_enablers);
  return Cause{.kind = "gil",
               .subject = who.empty() ? "" : "the module " + who,
               .evidence = "the GIL was on at the end of the rounds",
               .advice = who.empty() ? "run without --gil on"
                                     : "look for a version of it that supports free threading, or "
                                       "use --gil off if it is known to be safe; until then, "
                                       "processes"};
}

Found find_policy(const Evidence& seen) {
  if (seen.policy.empty()) return std::nullopt;
  return Cause{.kind = "policy",
               .subject = seen.policy,
               .evidence = "the calls of a turn are kept apart by order, whatever runs them",
               .advice = "if the function is safe to run beside itself, take the limit away"};
}

Found find_few_cores(const Evidence& seen) {
  if (seen.machine_speedup >= kScalesWell * seen.workers) return std::nullopt;
  std::string evidence =
      fmt::format("a loop in machine code that touches no memory is {} as fast on {:.0f} threads",
                  in_times(seen.machine_speedup), seen.workers);
  if (seen.used_by_others > 0.05) {
    evidence += "; other programs used " + in_percent(seen.used_by_others) + " of the cores' time";
  }
  return Cause{.kind = "few_cores",
               .subject = "the machine",
               .evidence = std::move(evidence),
               .advice =
                   "measure on a quieter machine; cores that share one physical core, a "
                   "quota, or a clock that falls under load look the same"};
}

Found find_short_calls(const Evidence& seen) {
  const bool is_short = seen.call_seconds < kDispatchesInCall * seen.dispatch_seconds;
  if (!is_short || seen.one_worker < kOverhead) return std::nullopt;
  return Cause{.kind = "short_calls",
               .subject = "a call of " + in_units(seen.call_seconds),
               .evidence = "handing one over takes " + in_units(seen.dispatch_seconds) +
                           ", and one worker takes " + in_times(seen.one_worker) +
                           " as long as a plain loop",
               .advice = "do more in one call: let it take a list"};
}

std::string lock_name(const LockWait& lock) {
  if (lock.name.empty()) return "the lock made at " + lock.place;
  return "the lock `" + lock.name + "` (" + lock.place + ")";
}

Found find_lock(const Evidence& seen) {
  if (seen.locks.empty() || seen.locks_share < kLockShare) return std::nullopt;
  return Cause{
      .kind = "lock",
      .subject = lock_name(seen.locks.front()),
      .evidence = "the calls waited for locks " + in_percent(seen.locks_share) + " of their time",
      .advice =
          "hold it for less, or give each thread a part of its own and put them "
          "together at the end"};
}

Found find_collector(const Evidence& seen) {
  if (seen.collector_share < kCollectorShare) return std::nullopt;
  return Cause{.kind = "collector",
               .subject = "the cyclic garbage collector",
               .evidence = "its pauses, in which every thread stands still, took " +
                           in_percent(seen.collector_share) + " of the time",
               .advice =
                   "make fewer containers in a call, raise gc.set_threshold(), or gc.freeze() "
                   "what stays"};
}

// The fewest names whose private copies help nearly as much as private copies of everything.
const Trial* decisive(const std::vector<Trial>& trials) {
  const Trial* best = nullptr;
  for (const Trial& trial : trials) {
    const bool is_enough = !trial.names.empty() && helps_enough(trial, trials.front());
    if (!is_enough) continue;
    const bool is_better =
        best == nullptr || trial.names.size() < best->names.size() ||
        (trial.names.size() == best->names.size() && trial.gain.median > best->gain.median);
    if (is_better) best = &trial;
  }
  return best;
}

Found find_shared_object(const Evidence& seen) {
  if (seen.trials.empty() || seen.trials.front().gain.low < kPrivateGain) return std::nullopt;
  const Trial* const one = decisive(seen.trials);
  std::string subject = "what the module's calls share";
  if (one != nullptr) {
    subject = in_backticks(one->names);
  } else if (!seen.shared_names.empty()) {
    subject += ": " + in_backticks(seen.shared_names);
  }
  const Interval& gain = one != nullptr ? one->gain : seen.trials.front().gain;
  return Cause{.kind = "reference_count",
               .subject = std::move(subject),
               .evidence = "with a copy of its own for each thread it is " + in_times(gain.median) +
                           " as fast",
               .advice =
                   "threads that use one object all count its references, or lock it, in "
                   "one place: read it into a local first, give each call or thread its own, "
                   "and put the parts together at the end"};
}

Found find_allocation(const Evidence& seen) {
  if (seen.system_share < kSystemShare || seen.faults_per_second < kManyFaults) return std::nullopt;
  return Cause{.kind = "allocation",
               .subject = "memory taken from the system",
               .evidence = in_percent(seen.system_share) +
                           " of the processor time went to the kernel, which gave " +
                           fmt::format("{:.0f}", seen.faults_per_second) + " pages a second",
               .advice = "use large buffers again instead of making new ones in every call"};
}

Found find_bandwidth(const Evidence& seen) {
  if (!seen.beside_streams || seen.beside_streams->low < kStreamSlowdown) return std::nullopt;
  if (seen.processes_speedup && *seen.processes_speedup >= kScalesWell * seen.workers) {
    return std::nullopt;  // the same memory, and they do scale
  }
  return Cause{.kind = "memory_bandwidth",
               .subject = "the machine's memory and caches",
               .evidence = "beside threads that stream through memory a call takes " +
                           in_times(seen.beside_streams->median) +
                           " as long as beside threads that only compute",
               .advice =
                   "work on pieces that fit into the caches, or on smaller numbers; neither "
                   "threads nor processes get around it"};
}

}  // namespace

bool helps_enough(const Trial& trial, const Trial& all) {
  return trial.gain.low >= 1.05 && trial.gain.median - 1 >= 0.4 * (all.gain.median - 1);
}

bool scales(const Evidence& evidence) { return evidence.speedup >= kScalesWell * evidence.workers; }

std::vector<Cause> causes_of(const Evidence& evidence) {
  if (scales(evidence)) return {};
  // Each is asked whatever the others say, but for those that explain everything by themselves.
  for (const auto find : {find_gil, find_policy}) {
    if (auto cause = find(evidence)) return {*std::move(cause)};
  }
  std::vector<Cause> causes;
  const auto add = [&](Found found) {
    if (found) causes.push_back(*std::move(found));
    return found.has_value();
  };
  add(find_few_cores(evidence));
  add(find_short_calls(evidence));
  // Private copies have locks of their own: what they gain is then the lock's.
  if (!add(find_lock(evidence))) add(find_shared_object(evidence));
  add(find_collector(evidence));
  add(find_allocation(evidence));
  add(find_bandwidth(evidence));
  return causes;
}

}  // namespace atonce::compare
