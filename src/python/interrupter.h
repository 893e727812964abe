// Raises an exception in calls that have been answered already and whose functions still run, and
// asks Python what others must not wait for.
//
// One thread with a thread state of its own, so that nobody who has to answer in time ever waits
// for Python. The exception lands at the next bytecode boundary, never inside C code, and the
// function may swallow it; whether the thread is stuck is for the engine to say. While the function
// imports a module the exception waits: see python/atonce/_host/importing.py.
//
// Thread safety: post() and ask_gil() may be called from any thread; post() returns at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/backend.h"
#include "python/attach.h"
#include "python/toolset.h"

namespace atonce::python {

// What a lane runs now. Shared, because the lane may be gone when the interrupter looks.
struct RunningCall {
  unsigned long thread_id = 0;  // never changes
  std::mutex mutex = {};
  // Guarded by mutex.
  std::uint64_t ticket = 0;  // 0: nothing runs
  Time deadline = {};
  bool is_interrupted = false;  // an exception is on its way, or was raised
};

// While it lives, an interrupt of the call raises in this thread; what has not been raised at its
// end is taken back. For the user's function alone: an exception in an import of ours would leave
// the import's lock taken, and whoever imports the same later would wait for ever.
class Interruptible final {
 public:
  Interruptible(const Attached& py, RunningCall& running, const engine::CallControl& control);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  const Attached& py_;
  RunningCall& running_;
};

class Interrupter final {
 public:
  Interrupter(const Interpreter& interpreter, const Toolset& toolset);  // must outlive it
  ~Interrupter();
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  // Whether the GIL is on, as far as can be told within `limit`: nothing when Python lets nobody
  // in, because C code of a tool's holds the GIL or keeps the collector waiting.
  [[nodiscard]] std::optional<bool> ask_gil(std::chrono::milliseconds limit);

  // Raises in `running`, if it still runs the call named `ticket` when the turn comes.
  void post(std::shared_ptr<RunningCall> running, std::uint64_t ticket);

 private:
  struct Order {
    std::shared_ptr<RunningCall> running = {};
    std::uint64_t ticket = 0;
    std::shared_ptr<std::promise<bool>> gil = {};  // asks for the GIL instead
  };

  void work();
  void post(Order order);
  [[nodiscard]] bool obey(const Attached& py, const Order& order);  // false: not now
  [[nodiscard]] bool is_importing(const Attached& py, const RunningCall& running) const;
  void raise(const Attached& py, const Order& order);

  const Interpreter& interpreter_;
  const Toolset& toolset_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Order> orders_;  // guarded by mutex_
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace atonce::python
