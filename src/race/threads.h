// All threads of a program, by their slots.
//
// Thread safety: all functions from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "race/thread.h"

namespace atonce::race {

// Texts as numbers. 0 is the empty text.
class Names final {
 public:
  [[nodiscard]] std::uint32_t number_of(const std::string& text);
  [[nodiscard]] std::string text_of(std::uint32_t number) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_{""};
  std::unordered_map<std::string, std::uint32_t> numbers_{{"", 0}};
};

class Threads final {
 public:
  // For a thread that has just begun, and is to learn what its parent knew (may be null). The slot
  // of one that ended is taken again when that includes all that it did: then nothing that was
  // unordered looks ordered. Null when all slots are in use.
  [[nodiscard]] Thread* begin(const Clocks* parent);
  void end(Thread& thread);

  [[nodiscard]] Thread* find(std::uint32_t slot) const {
    return slots_[slot].load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint32_t running() const { return running_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t most_at_once() const;
  [[nodiscard]] Names& names() { return names_; }

 private:
  mutable std::mutex mutex_;
  std::atomic<std::uint32_t> running_{0};
  std::uint32_t most_ = 0;
  std::vector<std::unique_ptr<Thread>> all_;
  std::vector<Thread*> ended_;
  std::array<std::atomic<Thread*>, Epoch::kMostThreads> slots_{};
  Names names_;
};

}  // namespace atonce::race
