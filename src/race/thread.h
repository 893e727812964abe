// One thread of the program: what it knows of the others, what it holds, and what it knew before.
//
// Thread safety: a thread's own functions on that thread only; those under "from any thread" from
// any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "race/epoch.h"
#include "race/shadow.h"
#include "race/vector_clock.h"

namespace atonce::race {

struct HeldLock {
  Address lock = 0;
  SiteId site = 0;          // where it was taken
  std::uint32_t times = 1;  // a lock that its holder may take again
};

// An attribute whose reading and writing runs code of the program's own (a property): what that
// code reads and writes is read and written where the attribute is.
struct Outer {
  SiteId reading = 0;       // while it is read; 0: none is
  SiteId writing = 0;       // while it is written
  SiteId read = 0;          // the last one that was read to its end
  std::uint32_t since = 0;  // the clock when that was begun
};

// What was so all along, for some ticks of a thread's clock.
struct Interval {
  std::uint32_t from = 0;  // the first of them
  // Of other threads, in the fullest of the orders; one for all intervals that knew the same.
  std::shared_ptr<const VectorClock> known;
  std::vector<HeldLock> held;
  std::uint32_t name = 0;  // of the thread, a number of Threads::name
  std::uint32_t call = 0;  // of the call that it runs; 0: none
};

class Thread final {
 public:
  explicit Thread(std::uint32_t slot) : slot_(slot) { begin_interval(); }

  [[nodiscard]] std::uint32_t slot() const { return slot_; }
  [[nodiscard]] std::uint32_t clock() const { return clock_; }
  // For Epoch::at(). From any thread, when it need not be the newest.
  [[nodiscard]] std::uint64_t moment() const { return moment_.load(std::memory_order_relaxed); }
  // What it did so far is told apart from what it does from here on.
  void tick();
  [[nodiscard]] bool knows(Epoch epoch) const {
    return epoch.thread() == slot_ || clocks_.full.knows(epoch);
  }
  [[nodiscard]] const Clocks& clocks() const { return clocks_; }
  [[nodiscard]] const std::vector<HeldLock>& held() const { return held_; }

  // To know what another thread handed over.
  void learn(const Clocks& clocks);
  // The same by a mere reference.
  void learn_full(const VectorClock& known);
  // What it knows, for another; what it does from here on is not part of it.
  [[nodiscard]] Clocks hand_over();

  // Its name and call from now on; numbers of Names.
  void set_name(std::uint32_t name);
  void set_call(std::uint32_t call);
  [[nodiscard]] std::uint32_t call() const { return call_; }

  // Took a lock, whose last holder knew `clocks`.
  void take_lock(const HeldLock& lock, const Clocks& clocks);
  // Is about to give it back to whoever takes it next, who will know `clocks`.
  void give_lock(Address lock, Clocks& clocks);
  [[nodiscard]] HeldLock* find_lock(Address lock);
  // Holds it no more; false when it did not.
  bool forget_lock(Address lock);

  // A call of a function whose writes may meet reads of an earlier call of it.
  void enter(Address frame);
  // The clock when the call with that frame began; 0 when that was not seen.
  [[nodiscard]] std::uint32_t entered(Address frame) const;

  // What it knew at an earlier clock of its own; nothing when that is too long ago.
  [[nodiscard]] bool knew(std::uint32_t clock, Epoch epoch, bool otherwise) const;
  [[nodiscard]] std::optional<Interval> interval(std::uint32_t clock) const;  // from any thread
  // What it knew at `clock`, itself included; rather too much than too little. From any thread.
  [[nodiscard]] VectorClock known_at(std::uint32_t clock) const;
  // From any thread.
  [[nodiscard]] VectorClock known_now() const;
  // Whether a lock was held from `clock` until now without a break.
  [[nodiscard]] bool held_since(std::uint32_t clock) const;

  // From any thread, when its thread has ended.
  [[nodiscard]] Epoch last() const { return Epoch(moment()); }
  // For a new thread that knows all that this one did.
  void begin_again();

  unsigned hidden = 0;                  // > 0: locks taken now are no business of the program's
  SiteId lock_site = 0;                 // where the source takes the lock that is about to be taken
  std::uint32_t delay = 0;              // microseconds to wait after the next lock is given back
  const Location* last_read = nullptr;  // where it has just read; as long as what that is of
  Outer outer;
  bool has_published = false;  // has just put a reference where there was nothing

 private:
  // Of the last intervals: the more threads there are, the more each one has to say.
  static constexpr std::size_t kFewestIntervals = 64;
  static constexpr std::size_t kMostIntervals = 4096;
  static constexpr std::size_t kMostClocks = 65'536;  // in all of a thread's intervals

  // Ticks, after something has changed.
  void begin_interval();
  bool join_full(const VectorClock& known);
  [[nodiscard]] const Interval& nth(std::uint64_t number) const {
    return intervals_[number - gone_];
  }
  // The number of the one that `clock` is in; nothing when it is gone.
  [[nodiscard]] std::optional<std::uint64_t> find_interval(std::uint32_t clock) const;

  const std::uint32_t slot_;
  std::uint32_t clock_ = 0;
  std::atomic<std::uint64_t> moment_{0};
  Clocks clocks_;
  std::shared_ptr<const VectorClock> known_;  // all of clocks_.full; none when that has changed
  std::vector<HeldLock> held_;
  std::uint32_t name_ = 0;
  std::uint32_t call_ = 0;
  struct Activation {
    Address frame;
    std::uint32_t clock;
  };
  std::vector<Activation> activations_;
  mutable std::mutex mutex_;  // guards the intervals
  std::uint64_t gone_ = 0;    // intervals before the first that is still there
  std::deque<Interval> intervals_;
};

}  // namespace atonce::race
