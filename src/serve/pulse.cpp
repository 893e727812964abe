#include "serve/pulse.h"

#include <utility>
#include <vector>

namespace atonce::serve {

Pulse::Pulse(Duration interval) : interval_(interval), thread_([this] { run(); }) {}

Pulse::~Pulse() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

Pulse::Place Pulse::add(const std::shared_ptr<Beating>& beating) {
  const std::lock_guard lock(mutex_);
  return all_.insert(all_.end(), Watched{.beating = beating});
}

void Pulse::remove(Place place) {
  const std::lock_guard lock(mutex_);
  all_.erase(place);
}

std::size_t Pulse::count() {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

void Pulse::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, interval_, [this] { return is_stopping_; })) {
    std::vector<std::shared_ptr<Beating>> all;
    std::erase_if(all_, [](const Watched& each) { return each.beating.expired(); });
    for (Watched& each : all_) {
      auto beating = std::exchange(each.is_due, true) ? each.beating.lock() : nullptr;
      if (beating) all.push_back(std::move(beating));
    }
    lock.unlock();
    for (const auto& each : all) each->beat();
    all.clear();
    lock.lock();
  }
}

}  // namespace atonce::serve
