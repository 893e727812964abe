#include "app/engine_turn.h"

#include <algorithm>
#include <utility>

namespace atonce::app {

void EngineTurn::start(std::vector<call::Call> calls) {
  const Time now = clock_.now();
  std::size_t place = 0;
  {
    const std::lock_guard lock(mutex_);
    if (reply_.calls.empty()) first_start_ = now;
    place = reply_.calls.size();
    reply_.calls.resize(place + calls.size());
    missing_ += calls.size();
  }
  const Duration since_first = now - first_start_;
  const auto handle = scheduler_.start(call::Plan{calls}, [=, this](call::Reply reply) {
    take(place, since_first, std::move(reply));
  });
  if (!handle) return refuse(calls, place, handle.error().message);
  const std::lock_guard lock(mutex_);
  handles_.push_back(*handle);
}

void EngineTurn::take(std::size_t place, Duration since_first, call::Reply reply) {
  const std::lock_guard lock(mutex_);
  for (call::Finished& finished : reply.calls) {
    finished.started += since_first;
    finished.ended += since_first;
    reply_.calls[place++] = std::move(finished);
  }
  reply_.elapsed = std::max(reply_.elapsed, since_first + reply.elapsed);
  missing_ -= reply.calls.size();
  done_.notify_all();  // under the lock: wait() may be about to destroy this
}

void EngineTurn::refuse(const std::vector<call::Call>& calls, std::size_t place,
                        const std::string& reason) {
  const std::lock_guard lock(mutex_);
  for (const call::Call& call : calls) {
    reply_.calls[place++] = {.call = call, .outcome = call::NotStarted{reason}};
  }
  missing_ -= calls.size();
}

call::Reply EngineTurn::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return missing_ == 0; });
  return std::move(reply_);
}

void EngineTurn::cancel() {
  std::vector<engine::Scheduler::Handle> handles;
  {
    const std::lock_guard lock(mutex_);
    handles = handles_;
  }
  for (const auto& handle : handles) scheduler_.cancel(handle);
}

}  // namespace atonce::app
