#include "race/thread.h"

#include <algorithm>
#include <utility>

namespace atonce::race {

void Thread::tick() {
  if (clock_ < Epoch::kMostClock) ++clock_;
  moment_.store(Epoch::moment(slot_, clock_), std::memory_order_relaxed);
  clocks_.full.set(slot_, clock_);
  clocks_.sync.set(slot_, clock_);
  clocks_.firm.set(slot_, clock_);
}

void Thread::begin_interval() {
  tick();
  if (!known_) known_ = std::make_shared<const VectorClock>(clocks_.full);
  const std::size_t most =
      std::clamp(kMostClocks / clocks_.full.size(), kFewestIntervals, kMostIntervals);
  const std::lock_guard lock(mutex_);
  intervals_.push_back(
      {.from = clock_, .known = known_, .held = held_, .name = name_, .call = call_});
  for (; intervals_.size() > most; ++gone_) intervals_.pop_front();
}

bool Thread::join_full(const VectorClock& known) {
  if (!clocks_.full.join(known)) return false;
  known_ = nullptr;
  return true;
}

void Thread::learn(const Clocks& clocks) {
  const bool is_new = join_full(clocks.full);
  const bool is_synced = clocks_.sync.join(clocks.sync);
  clocks_.firm.join(clocks.firm);
  if (is_new || is_synced) begin_interval();
}

void Thread::learn_full(const VectorClock& known) {
  if (join_full(known)) begin_interval();
}

Clocks Thread::hand_over() {
  Clocks copy = clocks_;
  tick();
  return copy;
}

void Thread::set_name(std::uint32_t name) {
  name_ = name;
  begin_interval();
}

void Thread::set_call(std::uint32_t call) {
  call_ = call;
  begin_interval();
}

void Thread::take_lock(const HeldLock& lock, const Clocks& clocks) {
  join_full(clocks.full);
  clocks_.sync.join(clocks.sync);
  held_.push_back(lock);
  begin_interval();
}

void Thread::give_lock(Address lock, Clocks& clocks) {
  clocks.full = clocks_.full;
  clocks.sync = clocks_.sync;
  forget_lock(lock);
  begin_interval();
}

bool Thread::forget_lock(Address lock) {
  const auto found = std::find_if(held_.rbegin(), held_.rend(),
                                  [&](const HeldLock& held) { return held.lock == lock; });
  if (found == held_.rend()) return false;
  held_.erase(std::next(found).base());
  return true;
}

HeldLock* Thread::find_lock(Address lock) {
  const auto found = std::ranges::find(held_, lock, &HeldLock::lock);
  return found == held_.end() ? nullptr : &*found;
}

void Thread::enter(Address frame) {
  tick();
  const auto found = std::ranges::find(activations_, frame, &Activation::frame);
  if (found != activations_.end()) {
    found->clock = clock_;
    return;
  }
  constexpr std::size_t kMost = 64;
  if (activations_.size() == kMost) activations_.erase(activations_.begin());
  activations_.push_back({frame, clock_});
}

std::uint32_t Thread::entered(Address frame) const {
  const auto found = std::ranges::find(activations_, frame, &Activation::frame);
  return found == activations_.end() ? 0 : found->clock;
}

std::optional<std::uint64_t> Thread::find_interval(std::uint32_t clock) const {
  std::uint64_t low = gone_;
  if (clock < nth(low).from) return std::nullopt;
  std::uint64_t high =
      low + intervals_.size();  // the one looked for is from `low` on, before `high`
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (nth(middle).from <= clock ? low : high) = middle;
  }
  return low;
}

bool Thread::knew(std::uint32_t clock, Epoch epoch, bool otherwise) const {
  if (epoch.thread() == slot_) return epoch.clock() <= clock;
  const auto found = find_interval(clock);  // only this thread changes them
  return found ? nth(*found).known->knows(epoch) : otherwise;
}

std::optional<Interval> Thread::interval(std::uint32_t clock) const {
  const std::lock_guard lock(mutex_);
  const auto found = find_interval(clock);
  if (!found) return std::nullopt;
  return nth(*found);
}

VectorClock Thread::known_at(std::uint32_t clock) const {
  const std::lock_guard lock(mutex_);
  VectorClock known = *nth(find_interval(clock).value_or(gone_)).known;
  known.set(slot_, std::max(clock, known.of(slot_)));
  return known;
}

VectorClock Thread::known_now() const { return known_at(Epoch(moment()).clock()); }

bool Thread::held_since(std::uint32_t clock) const {
  const auto first = find_interval(clock);
  if (!first) return true;  // nobody knows any more
  return std::ranges::any_of(held_, [&](const HeldLock& lock) {
    for (std::uint64_t at = *first; at < gone_ + intervals_.size(); ++at) {
      const bool was_held = std::ranges::any_of(nth(at).held, [&](const HeldLock& was) {
        return was.lock == lock.lock && was.site == lock.site;
      });
      if (!was_held) return false;
    }
    return true;
  });
}

void Thread::begin_again() {
  held_.clear();
  activations_.clear();
  hidden = 0;
  outer = {};
  lock_site = 0;
  delay = 0;
  has_published = false;
  last_read = nullptr;
  call_ = 0;
  name_ = 0;
  begin_interval();
}

}  // namespace atonce::race
