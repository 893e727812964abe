// Locks that are taken in one order here and in another there (Goodlock: Havelund 2000; with more
// than two locks: Bensalem, Havelund 2005).
//
// Thread safety: all functions from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "race/thread.h"

namespace atonce::race {

// A thread took `taken` while it held `held`.
struct LockStep {
  HeldLock held;
  HeldLock taken;
  std::vector<Address> holding;  // all that it held then
  Epoch when;
  VectorClock firm;  // what it knew by starts and ends of threads
};

class LockOrder final {
 public:
  // Before or after the thread takes it. The cycles that this closes, each told once: the steps in
  // order, from each one's `taken` to the next one's `held`.
  [[nodiscard]] std::vector<std::vector<LockStep>> take(const Thread& thread, const HeldLock& lock);
  // It is no lock that keeps others out (given back by who did not hold it), or it is gone.
  void forget(Address lock);

 private:
  static constexpr std::size_t kLongest = 5;

  void add(const LockStep& step, std::vector<std::vector<LockStep>>& cycles);
  void follow(std::vector<LockStep>& path, std::vector<std::vector<LockStep>>& cycles);

  std::mutex mutex_;
  std::unordered_map<Address, std::vector<LockStep>> steps_;  // by the lock that was held
  std::unordered_set<Address> no_locks_;
  std::unordered_set<std::uint64_t> told_;
};

}  // namespace atonce::race
