#include "python/interrupter.h"

#include <utility>

#include "python/gil.h"

namespace atonce::python {

namespace {

// Between two looks at a call that imports a module.
constexpr std::chrono::milliseconds kImportPause{20};

}  // namespace

Interruptible::Interruptible(const Attached& py, RunningCall& running,
                             const engine::CallControl& control)
    : py_(py), running_(running) {
  const std::lock_guard lock(running_.mutex);
  running_.ticket = control.ticket;
  running_.deadline = control.deadline;
}

Interruptible::~Interruptible() {
  const std::lock_guard lock(running_.mutex);
  running_.ticket = 0;
  if (!std::exchange(running_.is_interrupted, false)) return;
  raise_in_thread(py_, running_.thread_id, nullptr);
}

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
  std::deque<Order> postponed;
  const auto is_wanted = [this] { return is_stopping_ || !orders_.empty(); };
  std::unique_lock lock(mutex_);
  for (;;) {
    if (postponed.empty()) {
      changed_.wait(lock, is_wanted);
    } else if (!changed_.wait_for(lock, kImportPause, is_wanted)) {
      orders_ = std::exchange(postponed, {});
    }
    if (orders_.empty()) return;
    Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    if (!obey(Attached(state.get()), order)) postponed.push_back(std::move(order));
    lock.lock();
  }
}

bool Interrupter::obey(const Attached& py, const Order& order) {
  if (order.gil) {
    order.gil->set_value(is_gil_on(py));
  } else if (is_importing(py, *order.running)) {
    return false;
  } else {
    raise(py, order);
  }
  return true;
}

bool Interrupter::is_importing(const Attached&, const RunningCall& running) const {
  const Ref thread(PyLong_FromUnsignedLong(running.thread_id));
  const Ref answer(thread ? PyObject_CallOneArg(toolset_.host().is_importing, thread.get())
                          : nullptr);
  if (!answer) PyErr_Clear();
  return answer.get() == Py_True;
}

// An Interruptible takes the same lock when it ends.
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
