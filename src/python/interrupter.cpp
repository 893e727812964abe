#include "python/interrupter.h"

#include <utility>

#include "python/gil.h"

namespace atonce::python {

Interrupter::Interrupter(const Interpreter& interpreter, const Toolset& toolset)
    : interpreter_(interpreter), toolset_(toolset), thread_([this] { work(); }) {}

Interrupter::~Interrupter() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void Interrupter::post(Order order) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(order));
  changed_.notify_one();
}

void Interrupter::post(std::shared_ptr<RunningCall> running, std::uint64_t ticket) {
  post({.running = std::move(running), .ticket = ticket});
}

std::optional<bool> Interrupter::ask_gil(std::chrono::milliseconds limit) {
  const auto promise = std::make_shared<std::promise<bool>>();
  std::future<bool> answer = promise->get_future();
  post({.gil = promise});
  if (answer.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

void Interrupter::work() {
  const ThreadState state(interpreter_.state());
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || !orders_.empty(); });
    if (orders_.empty()) return;
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    obey(Attached(state.get()), order);
    lock.lock();
  }
}

void Interrupter::obey(const Attached& py, const Order& order) {
  if (order.gil) return order.gil->set_value(is_gil_on(py));
  raise(py, order);
}

// The lane takes the same lock when its call ends, and takes back what was not raised by then.
void Interrupter::raise(const Attached& py, const Order& order) {
  const std::lock_guard lock(order.running->mutex);
  if (order.running->ticket != order.ticket) return;
  const bool is_late = std::chrono::steady_clock::now() >= order.running->deadline;
  const HostFunctions& host = toolset_.host();
  raise_in_thread(py, order.running->thread_id,
                  is_late ? host.timed_out_type : host.cancelled_type);
  order.running->is_interrupted = true;
}

}  // namespace atonce::python
