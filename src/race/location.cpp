#include "race/location.h"

#include <cstdlib>
#include <memory>
#include <new>

namespace atonce::race {

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;

bool claim(std::atomic<std::uint64_t>& slot, Epoch epoch) {
  std::uint64_t free = 0;
  return slot.load(kRelaxed) == free && slot.compare_exchange_strong(free, epoch.bits(), kRelaxed);
}

// In a link from `link` on, of so many slots; in a new one at the end if all others are taken.
void add_to_links(std::atomic<Readers*>* link, std::uint32_t size, Epoch epoch) {
  for (;;) {
    Readers* found = link->load(std::memory_order_acquire);
    if (found == nullptr) {
      auto* const made = Readers::make(size, epoch, Epoch());
      if (link->compare_exchange_strong(found, made, std::memory_order_acq_rel)) return;
      std::free(made);  // another thread's is there
    }
    for (std::uint32_t at = 0; at < size; ++at) {
      if (claim(found->slots()[at], epoch)) return;
    }
    size = Readers::after(size);
    link = &found->next;
  }
}
}  // namespace

Readers* Readers::make(std::uint32_t size, Epoch first, Epoch second) {
  void* const memory = std::malloc(sizeof(Readers) + size * sizeof(std::atomic<std::uint64_t>));
  if (memory == nullptr) throw std::bad_alloc();
  auto* const link = new (memory) Readers;
  std::uninitialized_value_construct_n(link->slots(), size);
  link->slots()[0].store(first.bits(), kRelaxed);
  link->slots()[1].store(second.bits(), kRelaxed);
  return link;
}

// The slot that holds a read of that thread. Only the thread itself puts one there.
std::atomic<std::uint64_t>* Location::find_slot(std::uint64_t word, std::uint32_t thread) {
  std::uint32_t size = Readers::kFirst;
  for (Readers* link = readers_at(word); link != nullptr;
       link = link->next.load(std::memory_order_acquire)) {
    for (std::uint32_t at = 0; at < size; ++at) {
      auto& slot = link->slots()[at];
      const Epoch found(slot.load(kRelaxed));
      if (found.thread() == thread && !found.is_never()) return &slot;
    }
    size = Readers::after(size);
  }
  return nullptr;
}

// False when there is no read of that thread.
bool Location::replace_read(std::uint32_t thread, std::uint64_t bits) {
  const Epoch first(read.load(kRelaxed));
  if (first.thread() == thread && !first.is_never()) {
    read.store(bits, kRelaxed);
    return true;
  }
  std::uint64_t word = more.load(std::memory_order_acquire);
  while (is_read(word)) {  // another thread may be moving it to where there is room for more
    if (Epoch(word).thread() != thread) return false;
    if (word == bits || more.compare_exchange_weak(word, bits, std::memory_order_acq_rel)) {
      return true;
    }
  }
  auto* const slot = find_slot(word, thread);
  if (slot == nullptr) return false;
  if (slot->load(kRelaxed) != bits) slot->store(bits, kRelaxed);
  return true;
}

void Location::set_read(Epoch epoch) {
  if (!replace_read(epoch.thread(), epoch.bits())) add_read(epoch);
}

void Location::clear_read_of(std::uint32_t thread) { replace_read(thread, 0); }

// Of a thread that has no slot yet.
void Location::add_read(Epoch epoch) {
  if (claim(read, epoch)) return;
  std::uint64_t word = more.load(std::memory_order_acquire);
  for (;;) {
    if (word == 0 && is_read(epoch.bits())) {
      if (more.compare_exchange_weak(word, epoch.bits(), std::memory_order_acq_rel)) return;
    } else if (word == 0 || is_read(word)) {
      auto* const made = Readers::make(Readers::kFirst, epoch, Epoch(word));
      const auto place = reinterpret_cast<std::uint64_t>(made);
      if (more.compare_exchange_strong(word, place, std::memory_order_acq_rel)) return;
      std::free(made);
    } else {
      break;
    }
  }
  Readers* const first = readers_at(word);
  for (std::uint32_t at = 0; at < Readers::kFirst; ++at) {
    if (claim(first->slots()[at], epoch)) return;
  }
  add_to_links(&first->next, Readers::after(Readers::kFirst), epoch);
}

void Location::forget_readers() {
  Readers* link = readers_at(more.load(kRelaxed));
  while (link != nullptr) {
    Readers* const next = link->next.load(kRelaxed);
    std::free(link);
    link = next;
  }
}

}  // namespace atonce::race
