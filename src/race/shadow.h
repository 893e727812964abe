// What is remembered of each object, found by its address.
//
// A table of three levels over the address space (as ThreadSanitizer's), so that nothing is ever
// moved: an object's block is there until the object is forgotten. Objects are at least 32 bytes
// long; one slot of eight bytes stands for 32 bytes of memory.
//
// Thread safety: every function from any thread. Whoever asks for an object's block keeps the
// object alive meanwhile, and an object is forgotten by whoever ends it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "race/location.h"
#include "race/vector_clock.h"

namespace atonce::race {

using Address = std::uintptr_t;

// Keys of a container as a whole: what makes it longer and what makes it shorter.
inline constexpr std::uint64_t kGrowKey = 1;
inline constexpr std::uint64_t kShrinkKey = 2;
// Of the first few elements of a list; there are many short ones.
inline constexpr std::uint64_t kElementKey = 3;
inline constexpr std::size_t kKeyedElements = 4;
// Any other key is made so, of a hash.
[[nodiscard]] constexpr std::uint64_t key_of(std::uint64_t hash) { return hash | (1ULL << 63); }

class Block final {
 public:
  Block() = default;
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // Its location for a key; made when it is not there. Never moves while the block lives.
  Location& at(std::uint64_t key) {
    if (first_.key.load(std::memory_order_relaxed) == key) return first_;
    Location* const found = find(key);
    return found != nullptr ? *found : add(key);
  }
  [[nodiscard]] Location* find(std::uint64_t key) const;
  // For lists: by position.
  Location& element(std::size_t index) {
    if (index < kKeyedElements) return at(kElementKey + index);
    if (Location* const found = find_element(index)) return *found;
    return add_element(index);
  }

  // When a constructor first wrote to it; never, when none was seen.
  [[nodiscard]] Epoch birth() const { return Epoch(birth_.load(std::memory_order_relaxed)); }
  void set_birth(Epoch epoch) { birth_.store(epoch.bits(), std::memory_order_relaxed); }
  // When a reference to it was last put where other threads may find it.
  [[nodiscard]] Epoch published() const {
    return Epoch(published_.load(std::memory_order_acquire));
  }
  void set_published(Epoch epoch) { published_.store(epoch.bits(), std::memory_order_release); }

  // Of a container: what all who put references into it knew. `use` is called under a lock.
  template <typename Use>
  void with_contents(Use use) {
    Extra& extra = this->extra();
    const std::lock_guard lock(mutex());
    use(extra.contents);
  }
  // Of a lock: what its last holder knew; to be used by who holds it.
  [[nodiscard]] Clocks& lock_clocks() { return extra().lock; }

  // Of locations: the last write of another thread that the last one knows nothing of, and that was
  // told of to nobody, as two plain writes of an element may come in any order. What reads there
  // later is in no order with it either. Of some locations at a time; others may be forgotten.
  void keep_overwritten(const Location& location, Epoch write);
  void forget_overwritten(const Location& location);
  [[nodiscard]] Epoch overwritten(const Location& location) const {
    return has_overwritten_.load(std::memory_order_acquire) ? find_overwritten(location) : Epoch();
  }

  // Of a lock: it is no business of the program's.
  void ignore() { is_ignored_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_ignored() const { return is_ignored_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class Shadow;

  // Locations never move; the slabs they are in are linked, newest first.
  struct Slab;
  struct Index;
  // The elements of a list, so many a chunk; the chunks follow. Replaced by a longer one.
  struct Elements {
    static constexpr std::size_t kChunk = 16;

    Elements* const shorter;  // may still be read
    const std::size_t size;

    [[nodiscard]] std::atomic<Location*>* chunks() {
      return reinterpret_cast<std::atomic<Location*>*>(this + 1);
    }
    static Elements* make(std::size_t size, Elements* shorter);
  };
  // By a few bits of the location's address, as a cache has them. To be read without the block's
  // lock: whether there may be one.
  struct Overwritten {
    std::atomic<const Location*> location{nullptr};
    Epoch write;
  };
  using AllOverwritten = std::array<Overwritten, 32>;
  struct Extra {
    std::unique_ptr<AllOverwritten> overwritten;
    std::atomic<Elements*> elements{nullptr};
    std::atomic<Index*> index{nullptr};
    VectorClock contents;
    Clocks lock;
    std::vector<std::unique_ptr<Index>> indexes;
  };

  [[nodiscard]] Extra& extra();
  [[nodiscard]] std::mutex& mutex() const;
  // Its place among those of the block, which has some.
  [[nodiscard]] Overwritten& overwritten_at(const Location& location) const;
  [[nodiscard]] Epoch find_overwritten(const Location& location) const;
  [[nodiscard]] Location* find_in_slabs(std::uint64_t key) const;
  [[nodiscard]] Location* find_element(std::size_t index) const {
    const Extra* const extra = extra_.load(std::memory_order_acquire);
    if (extra == nullptr) return nullptr;
    Elements* const elements = extra->elements.load(std::memory_order_acquire);
    const std::size_t chunk = index / Elements::kChunk;
    if (elements == nullptr || chunk >= elements->size) return nullptr;
    Location* const found = elements->chunks()[chunk].load(std::memory_order_acquire);
    return found == nullptr ? nullptr : &found[index % Elements::kChunk];
  }
  Location& add(std::uint64_t key);
  Location& make_location(std::uint32_t count);
  void add_to_index(Extra& extra, Location& location);
  Location& add_element(std::size_t index);

  std::atomic<std::uint64_t> birth_{0};
  std::atomic<std::uint64_t> published_{0};
  std::atomic<Slab*> slabs_{nullptr};
  std::atomic<Extra*> extra_{nullptr};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint16_t> owners_{1};
  std::atomic<bool> is_ignored_{false};
  std::atomic<bool> has_overwritten_{false};
  mutable Location first_;  // the first one that was asked for; most have few
};

class Shadow final {
 public:
  Shadow();
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  [[nodiscard]] Block* find(Address object) const {
    const std::atomic<Block*>* const slot = find_slot(object);
    return slot == nullptr ? nullptr : slot->load(std::memory_order_acquire);
  }
  Block& of(Address object) {
    Block* const found = find(object);
    return found != nullptr ? *found : make(object);
  }
  // Two objects are one, such as an instance and its __dict__: the second's block is the first's.
  void unite(Address object, Address other);
  void forget(Address object) {
    std::atomic<Block*>* const slot = find_slot(object);
    if (slot != nullptr && slot->load(std::memory_order_relaxed) != nullptr) drop(*slot);
  }

 private:
  static constexpr unsigned kLeafBits = 20;  // of the address
  static constexpr unsigned kMiddleBits = 12;
  static constexpr unsigned kTopBits = 15;
  static constexpr unsigned kGranuleBits = 5;
  using Leaf = std::array<std::atomic<Block*>, 1U << (kLeafBits - kGranuleBits)>;
  using Middle = std::array<std::atomic<Leaf*>, 1U << kMiddleBits>;
  using Top = std::array<std::atomic<Middle*>, 1U << kTopBits>;

  [[nodiscard]] std::atomic<Block*>* find_slot(Address object) const {
    const auto top = (object >> (kLeafBits + kMiddleBits)) & ((1U << kTopBits) - 1);
    const Middle* const middle = (*top_)[top].load(std::memory_order_acquire);
    if (middle == nullptr) return nullptr;
    const auto at = (object >> kLeafBits) & ((1U << kMiddleBits) - 1);
    Leaf* const leaf = (*middle)[at].load(std::memory_order_acquire);
    if (leaf == nullptr) return nullptr;
    return &(*leaf)[(object & ((1U << kLeafBits) - 1)) >> kGranuleBits];
  }
  [[nodiscard]] std::atomic<Block*>& make_slot(Address object);
  Block& make(Address object);
  static void drop(std::atomic<Block*>& slot);
  static void release(Block* block);

  Top* const top_;
};

}  // namespace atonce::race
