// What a thread knows of the others: for each, up to which of its clocks (Mattern 1989; Fidge
// 1988).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "race/epoch.h"

namespace atonce::race {

// A thread that is not in it is known up to 0. Not safe for several threads at once.
class VectorClock final {
 public:
  [[nodiscard]] std::uint32_t of(std::uint32_t thread) const {
    return thread < clocks_.size() ? clocks_[thread] : 0;
  }
  // Whether what happened at `epoch` came before.
  [[nodiscard]] bool knows(Epoch epoch) const { return of(epoch.thread()) >= epoch.clock(); }

  // One more than the highest thread that is in it.
  [[nodiscard]] std::size_t size() const { return clocks_.size(); }

  void set(std::uint32_t thread, std::uint32_t clock) {
    if (thread >= clocks_.size()) clocks_.resize(thread + 1);
    clocks_[thread] = clock;
  }

  // To know all that `other` knows, too; whether any of it was new.
  bool join(const VectorClock& other) {
    if (other.clocks_.size() > clocks_.size()) clocks_.resize(other.clocks_.size());
    bool is_new = false;
    for (std::size_t thread = 0; thread < other.clocks_.size(); ++thread) {
      if (other.clocks_[thread] <= clocks_[thread]) continue;
      clocks_[thread] = other.clocks_[thread];
      is_new = true;
    }
    return is_new;
  }

 private:
  std::vector<std::uint32_t> clocks_;
};

// What one thread hands to another when they synchronise.
//
// Three orders, each part of the one before: by a reference to a mutable object that was found
// where another thread put it; by synchronisation; by the start and the end of threads, and
// whatever else is not the mere order in which a lock was taken.
struct Clocks {
  VectorClock full;
  VectorClock sync;
  VectorClock firm;

  void join(const Clocks& other) {
    full.join(other.full);
    sync.join(other.sync);
    firm.join(other.firm);
  }
};

}  // namespace atonce::race
