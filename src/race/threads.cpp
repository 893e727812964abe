#include "race/threads.h"

#include <algorithm>

namespace atonce::race {

std::uint32_t Names::number_of(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] =
      numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(text);
  return found->second;
}

std::string Names::text_of(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return texts_[number];
}

Thread* Threads::begin(const Clocks* parent) {
  const std::lock_guard lock(mutex_);
  most_ = std::max(most_, ++running_);
  const auto is_known = [&](const Thread* ended) {
    return parent != nullptr && parent->sync.knows(ended->last());
  };
  auto again = std::ranges::find_if(ended_, is_known);
  if (again == ended_.end() && all_.size() + 1 == Epoch::kMostThreads) again = ended_.begin();
  if (again != ended_.end()) {
    Thread* const thread = *again;
    ended_.erase(again);
    thread->begin_again();
    return thread;
  }
  if (all_.size() + 1 == Epoch::kMostThreads) return nullptr;
  const auto slot = static_cast<std::uint32_t>(all_.size() + 1);
  Thread* const thread = all_.emplace_back(std::make_unique<Thread>(slot)).get();
  slots_[slot].store(thread, std::memory_order_release);
  return thread;
}

void Threads::end(Thread& thread) {
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.push_back(&thread);
}

std::uint32_t Threads::most_at_once() const {
  const std::lock_guard lock(mutex_);
  return most_;
}

}  // namespace atonce::race
