#include "race/lock_order.h"

#include <algorithm>

namespace atonce::race {
namespace {

bool is_same(const LockStep& one, const LockStep& other) {
  return one.taken.lock == other.taken.lock && one.when.thread() == other.when.thread() &&
         one.holding == other.holding;
}

bool is_gated(const LockStep& one, const LockStep& other) {
  return std::ranges::any_of(
      one.holding, [&](Address lock) { return std::ranges::count(other.holding, lock) > 0; });
}

bool can_meet(const LockStep& one, const LockStep& other) {
  return one.when.thread() != other.when.thread() && !one.firm.knows(other.when) &&
         !other.firm.knows(one.when) && !is_gated(one, other);
}

// The same whatever step comes first.
std::uint64_t name_of(const std::vector<LockStep>& cycle) {
  std::uint64_t name = 0;
  for (const LockStep& step : cycle) {
    const std::uint64_t sites = (std::uint64_t{step.held.site} << 32) | step.taken.site;
    name += (sites ^ (sites >> 29)) * 0x9E3779B97F4A7C15ULL;
  }
  return name;
}

}  // namespace

std::vector<std::vector<LockStep>> LockOrder::take(const Thread& thread, const HeldLock& lock) {
  std::vector<std::vector<LockStep>> cycles;
  std::vector<Address> holding;
  for (const HeldLock& held : thread.held()) holding.push_back(held.lock);
  const std::lock_guard guard(mutex_);
  for (const HeldLock& held : thread.held()) {
    if (held.site == 0 || held.lock == lock.lock) continue;
    if (no_locks_.contains(held.lock) || no_locks_.contains(lock.lock)) continue;
    add({.held = held,
         .taken = lock,
         .holding = holding,
         .when = Epoch::at(thread.moment(), lock.site, 0),
         .firm = thread.clocks().firm},
        cycles);
  }
  return cycles;
}

void LockOrder::add(const LockStep& step, std::vector<std::vector<LockStep>>& cycles) {
  auto& steps = steps_[step.held.lock];
  const auto same =
      std::ranges::find_if(steps, [&](const auto& one) { return is_same(one, step); });
  if (same != steps.end()) return;
  steps.push_back(step);
  std::vector<LockStep> path{step};
  follow(path, cycles);
}

void LockOrder::follow(std::vector<LockStep>& path, std::vector<std::vector<LockStep>>& cycles) {
  const auto next = steps_.find(path.back().taken.lock);
  if (next == steps_.end()) return;
  for (const LockStep& step : next->second) {
    const bool can =
        std::ranges::all_of(path, [&](const auto& one) { return can_meet(one, step); });
    if (!can) continue;
    path.push_back(step);
    if (step.taken.lock == path.front().held.lock) {
      if (told_.insert(name_of(path)).second) cycles.push_back(path);
    } else if (path.size() < kLongest) {
      follow(path, cycles);
    }
    path.pop_back();
  }
}

void LockOrder::forget(Address lock) {
  const std::lock_guard guard(mutex_);
  steps_.erase(lock);
  no_locks_.insert(lock);
}

}  // namespace atonce::race
