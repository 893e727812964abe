#include "race/shadow.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace atonce::race {
namespace {

constexpr std::uint32_t kScanned = 16;   // locations that are looked through without an index
constexpr std::uint32_t kSmallSlab = 4;  // locations; the first is a little smaller still
constexpr std::uint32_t kLargestSlab = 64;

// Pages of zeros that cost nothing until they are touched.
template <typename Table>
Table* map_table() {
  void* const memory = mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Table*>(memory);
}

template <typename Table>
Table& make_table(std::atomic<Table*>& place) {
  Table* found = place.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  auto* const made = map_table<Table>();
  if (place.compare_exchange_strong(found, made, std::memory_order_acq_rel)) return *made;
  munmap(made, sizeof(Table));
  return *found;
}

}  // namespace

struct Block::Slab {
  Slab* next;
  std::uint32_t size;
  std::atomic<std::uint32_t> used{0};

  [[nodiscard]] Location* locations() { return reinterpret_cast<Location*>(this + 1); }

  static Slab* make(std::uint32_t size, Slab* next) {
    void* const memory = std::malloc(sizeof(Slab) + size * sizeof(Location));
    if (memory == nullptr) throw std::bad_alloc();
    auto* const slab = new (memory) Slab{.next = next, .size = size};
    std::uninitialized_default_construct_n(slab->locations(), size);
    return slab;
  }
  static void end(Slab* slab) {
    std::destroy_n(slab->locations(), slab->size);
    std::free(slab);
  }
};

// Open addressing by key; entries are only added.
struct Block::Index {
  explicit Index(std::size_t size) : entries(size) {}

  std::vector<std::atomic<Location*>> entries;

  [[nodiscard]] std::size_t home(std::uint64_t key) const {
    return (key * 0x9E3779B97F4A7C15ULL) >> (64 - std::countr_zero(entries.size()));
  }
  [[nodiscard]] Location* find(std::uint64_t key) const {
    for (std::size_t at = home(key);; at = (at + 1) & (entries.size() - 1)) {
      Location* const found = entries[at].load(std::memory_order_acquire);
      if (found == nullptr || found->key.load(std::memory_order_relaxed) == key) return found;
    }
  }
  void add(Location& location) {
    std::size_t at = home(location.key.load(std::memory_order_relaxed));
    while (entries[at].load(std::memory_order_relaxed) != nullptr) {
      at = (at + 1) & (entries.size() - 1);
    }
    entries[at].store(&location, std::memory_order_release);
  }
};

Block::~Block() {
  for (Slab* slab = slabs_.load(); slab != nullptr;) {
    Slab* const next = slab->next;
    Slab::end(slab);
    slab = next;
  }
  Extra* const extra = extra_.load();
  if (extra == nullptr) return;
  Elements* elements = extra->elements.load();
  for (std::size_t at = 0; elements != nullptr && at < elements->size; ++at) {
    delete[] elements->chunks()[at].load();  // the shorter ones have the same
  }
  while (elements != nullptr) {
    Elements* const shorter = elements->shorter;
    std::free(elements);
    elements = shorter;
  }
  delete extra;
}

Block::Extra& Block::extra() {
  Extra* found = extra_.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  auto made = std::make_unique<Extra>();
  if (extra_.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *found;
}

// Few blocks are changed at once: they share their locks.
std::mutex& Block::mutex() const {
  static std::array<std::mutex, 64> mutexes;
  return mutexes[(reinterpret_cast<Address>(this) >> 4) % mutexes.size()];
}

Block::Overwritten& Block::overwritten_at(const Location& location) const {
  AllOverwritten& all = *extra_.load(std::memory_order_acquire)->overwritten;
  return all[(reinterpret_cast<Address>(&location) / sizeof(Location)) % all.size()];
}

void Block::keep_overwritten(const Location& location, Epoch write) {
  Extra& extra = this->extra();
  const std::lock_guard lock(mutex());
  if (!extra.overwritten) extra.overwritten = std::make_unique<AllOverwritten>();
  Overwritten& place = overwritten_at(location);
  place.location.store(&location, std::memory_order_relaxed);
  place.write = write;
  has_overwritten_.store(true, std::memory_order_release);
}

void Block::forget_overwritten(const Location& location) {
  const std::lock_guard lock(mutex());
  Overwritten& place = overwritten_at(location);
  if (place.location.load(std::memory_order_relaxed) == &location) place.location.store(nullptr);
}

Epoch Block::find_overwritten(const Location& location) const {
  const Overwritten& place = overwritten_at(location);
  if (place.location.load(std::memory_order_relaxed) != &location) return {};
  const std::lock_guard lock(mutex());
  return place.location.load(std::memory_order_relaxed) == &location ? place.write : Epoch();
}

Location* Block::find_in_slabs(std::uint64_t key) const {
  if (first_.key.load(std::memory_order_relaxed) == key) return &first_;
  for (Slab* slab = slabs_.load(std::memory_order_acquire); slab != nullptr; slab = slab->next) {
    const std::uint32_t used = slab->used.load(std::memory_order_acquire);
    Location* const locations = slab->locations();
    for (std::uint32_t at = 0; at < used; ++at) {
      if (locations[at].key.load(std::memory_order_relaxed) == key) return &locations[at];
    }
  }
  return nullptr;
}

Location* Block::find(std::uint64_t key) const {
  if (count_.load(std::memory_order_acquire) <= kScanned) return find_in_slabs(key);
  const Index* const index =
      extra_.load(std::memory_order_acquire)->index.load(std::memory_order_acquire);
  return index->find(key);
}

Location& Block::add(std::uint64_t key) {
  const std::lock_guard lock(mutex());
  if (Location* const found = find(key)) return *found;
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  Location& location = count == 0 ? first_ : make_location(count);
  location.key.store(key, std::memory_order_release);
  if (count >= kScanned) add_to_index(extra(), location);
  count_.fetch_add(1, std::memory_order_release);
  return location;
}

// In the newest slab, or in one more.
Location& Block::make_location(std::uint32_t count) {
  Slab* slab = slabs_.load(std::memory_order_relaxed);
  if (slab == nullptr || slab->used.load(std::memory_order_relaxed) == slab->size) {
    const std::uint32_t size = std::clamp(count / 3, std::min(count + 2, kSmallSlab), kLargestSlab);
    slab = Slab::make(size, slab);
    slabs_.store(slab, std::memory_order_release);
  }
  return slab->locations()[slab->used.fetch_add(1, std::memory_order_release)];
}

void Block::add_to_index(Extra& extra, Location& location) {
  const std::uint32_t count = count_.load(std::memory_order_relaxed) + 1;
  Index* const old = extra.index.load(std::memory_order_relaxed);
  if (old != nullptr && count * 5 <= old->entries.size() * 4) {
    old->add(location);
    return;
  }
  auto made = std::make_unique<Index>(std::bit_ceil(std::size_t{count} * 5 / 4 + 1));
  made->add(first_);
  for (Slab* slab = slabs_.load(std::memory_order_relaxed); slab != nullptr; slab = slab->next) {
    const std::uint32_t used = slab->used.load(std::memory_order_relaxed);
    for (std::uint32_t at = 0; at < used; ++at) made->add(slab->locations()[at]);
  }
  extra.index.store(made.get(), std::memory_order_release);
  extra.indexes.push_back(std::move(made));  // the old one may still be read
}

Block::Elements* Block::Elements::make(std::size_t size, Elements* shorter) {
  void* const memory = std::malloc(sizeof(Elements) + size * sizeof(std::atomic<Location*>));
  if (memory == nullptr) throw std::bad_alloc();
  auto* const made = new (memory) Elements{.shorter = shorter, .size = size};
  std::uninitialized_value_construct_n(made->chunks(), size);
  for (std::size_t at = 0; shorter != nullptr && at < shorter->size; ++at) {
    made->chunks()[at].store(shorter->chunks()[at].load(std::memory_order_relaxed),
                             std::memory_order_relaxed);
  }
  return made;
}

Location& Block::add_element(std::size_t index) {
  const std::size_t chunk = index / Elements::kChunk;
  Extra& extra = this->extra();
  const std::lock_guard lock(mutex());
  Elements* elements = extra.elements.load(std::memory_order_relaxed);
  if (elements == nullptr || chunk >= elements->size) {
    elements = Elements::make(std::bit_ceil(chunk + 1), elements);
    extra.elements.store(elements, std::memory_order_release);
  }
  auto& place = elements->chunks()[chunk];
  Location* found = place.load(std::memory_order_relaxed);
  if (found == nullptr) {
    found = new Location[Elements::kChunk];
    place.store(found, std::memory_order_release);
  }
  return found[index % Elements::kChunk];
}

std::size_t Block::bytes() const {
  std::size_t bytes = sizeof(Block);
  for (Slab* slab = slabs_.load(std::memory_order_acquire); slab != nullptr; slab = slab->next) {
    bytes += sizeof(Slab) + slab->size * sizeof(Location);
  }
  Extra* const extra = extra_.load(std::memory_order_acquire);
  if (extra == nullptr) return bytes;
  const std::lock_guard lock(mutex());
  bytes += sizeof(Extra);
  if (extra->overwritten) bytes += sizeof(AllOverwritten);
  for (const auto& index : extra->indexes) bytes += index->entries.size() * sizeof(void*);
  Elements* const longest = extra->elements.load();
  for (const Elements* each = longest; each != nullptr; each = each->shorter) {
    bytes += sizeof(Elements) + each->size * sizeof(void*);
  }
  for (std::size_t at = 0; longest != nullptr && at < longest->size; ++at) {
    if (longest->chunks()[at].load() != nullptr) bytes += Elements::kChunk * sizeof(Location);
  }
  return bytes;
}

Shadow::Shadow() : top_(map_table<Top>()) {}

Shadow::~Shadow() {
  for (const auto& middle : *top_) {
    Middle* const found = middle.load();
    if (found == nullptr) continue;
    for (const auto& leaf : *found) {
      Leaf* const slots = leaf.load();
      if (slots == nullptr) continue;
      for (auto& slot : *slots) {
        if (slot.load() != nullptr) drop(slot);
      }
      munmap(slots, sizeof(Leaf));
    }
    munmap(found, sizeof(Middle));
  }
  munmap(top_, sizeof(Top));
}

std::atomic<Block*>& Shadow::make_slot(Address object) {
  Middle& middle =
      make_table((*top_)[(object >> (kLeafBits + kMiddleBits)) & ((1U << kTopBits) - 1)]);
  Leaf& leaf = make_table(middle[(object >> kLeafBits) & ((1U << kMiddleBits) - 1)]);
  return leaf[(object & ((1U << kLeafBits) - 1)) >> kGranuleBits];
}

Block& Shadow::make(Address object) {
  auto& slot = make_slot(object);
  Block* found = nullptr;
  auto made = std::make_unique<Block>();
  if (slot.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *found;
}

void Shadow::unite(Address object, Address other) {
  Block& block = of(object);
  auto& slot = make_slot(other);
  Block* found = slot.load(std::memory_order_acquire);
  // One that is in use stays: another thread may be looking at it.
  if (found != nullptr) return;
  block.owners_.fetch_add(1, std::memory_order_relaxed);
  if (!slot.compare_exchange_strong(found, &block, std::memory_order_acq_rel)) release(&block);
}

void Shadow::drop(std::atomic<Block*>& slot) {
  if (Block* const block = slot.exchange(nullptr, std::memory_order_acq_rel)) release(block);
}

void Shadow::release(Block* block) {
  if (block->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete block;
}

}  // namespace atonce::race
