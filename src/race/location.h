// What is remembered of one variable, element or container: its last write, its last reads.
//
// Thread safety: all fields are changed without locks by several threads at once. A change that
// gets lost may hide a race; it cannot make one up.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "race/epoch.h"

namespace atonce::race {

// Reads of more threads than two: slots, each with the read of some thread or none. The links that
// follow are longer.
struct Readers {
  static constexpr std::uint32_t kFirst = 2;
  static constexpr std::uint32_t kMost = 62;
  // How many slots the link after one of that many has.
  [[nodiscard]] static constexpr std::uint32_t after(std::uint32_t size) {
    return std::min(2 * size + 2, kMost);
  }

  std::atomic<Readers*> next{nullptr};

  [[nodiscard]] std::atomic<std::uint64_t>* slots() {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }
  static Readers* make(std::uint32_t size, Epoch first, Epoch second);
};

struct Location {
  Location() = default;
  ~Location() { forget_readers(); }
  Location(const Location&) = delete;
  Location& operator=(const Location&) = delete;

  std::atomic<std::uint64_t> write{0};
  std::atomic<std::uint64_t> read{0};  // some thread's, as those in `readers` are
  std::atomic<std::uint64_t> key{0};
  std::atomic<std::uint64_t> more{0};  // another thread's read, or where Readers are

  // The last read of `thread`.
  [[nodiscard]] Epoch read_of(std::uint32_t thread) const {
    const Epoch first(read.load(std::memory_order_relaxed));
    if (first.thread() == thread) return first;
    const std::uint64_t word = more.load(std::memory_order_acquire);
    if (word == 0) return {};
    if (is_read(word)) return Epoch(word).thread() == thread ? Epoch(word) : Epoch();
    const auto* const slot = find_slot(word, thread);
    return slot == nullptr ? Epoch() : Epoch(slot->load(std::memory_order_relaxed));
  }
  void set_read(Epoch epoch);
  // That thread's read is of no more interest.
  void clear_read_of(std::uint32_t thread);
  // Calls `visit(Epoch)` for the last read of each thread.
  template <typename Visit>
  void each_read(Visit visit) const;

 private:
  // Of a word in `more`: an address has no thread in its highest bits.
  [[nodiscard]] static bool is_read(std::uint64_t word) { return Epoch(word).thread() != 0; }
  [[nodiscard]] static Readers* readers_at(std::uint64_t word) {
    return is_read(word) ? nullptr : reinterpret_cast<Readers*>(word);
  }
  [[nodiscard]] static std::atomic<std::uint64_t>* find_slot(std::uint64_t word,
                                                             std::uint32_t thread);
  bool replace_read(std::uint32_t thread, std::uint64_t bits);
  void add_read(Epoch epoch);
  void forget_readers();
};

static_assert(sizeof(Location) == 32);

template <typename Visit>
void Location::each_read(Visit visit) const {
  const auto look = [&](const std::atomic<std::uint64_t>& slot) {
    const Epoch epoch(slot.load(std::memory_order_relaxed));
    if (!epoch.is_never()) visit(epoch);
  };
  look(read);
  const std::uint64_t word = more.load(std::memory_order_acquire);
  if (is_read(word)) visit(Epoch(word));
  std::uint32_t size = Readers::kFirst;
  for (Readers* link = readers_at(word); link != nullptr;
       link = link->next.load(std::memory_order_acquire)) {
    for (std::uint32_t at = 0; at < size; ++at) look(link->slots()[at]);
    size = Readers::after(size);
  }
}

}  // namespace atonce::race
