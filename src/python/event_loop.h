// The thread that runs async tools: an asyncio loop, fed from C++.
//
// Other threads never touch Python here. They put an order into a queue and write to an eventfd
// that the loop watches; the loop's thread takes the orders out. The thread starts with the first
// order.
//
// Thread safety: start() and interrupt() may be called from any thread and return at once.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "engine/backend.h"
#include "python/attach.h"
#include "python/invoke.h"
#include "python/toolset.h"

namespace atonce::python {

class EventLoop final {
 public:
  using Done = engine::Backend::AsyncDone;

  EventLoop(const Interpreter& interpreter, const Toolset& toolset);  // must outlive it
  ~EventLoop();                                                       // every call must be done
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // `call` and `control` must live until `done` has been called.
  void start(const Tool& tool, const call::Call& call, engine::CallControl& control, Done done);

  // Cancels the task of the call named `ticket`, if it is still there.
  void interrupt(std::uint64_t ticket);

 private:
  // One async call, and its task while it runs.
  struct Job {
    EventLoop& owner;
    const Tool& tool;
    const call::Call& call;
    engine::CallControl& control;
    Done done;
    // Touched on the loop's thread only.
    Ref task = {};  // an asyncio.Task
    ContextLink link = {};
  };
  struct Order {
    std::unique_ptr<Job> start = {};  // a call to start, or
    std::uint64_t interrupt = 0;      // the ticket of one to cancel; neither: leave
  };

  void post(Order order);
  void work();
  void obey(const Attached& py, PyObject* loop, Order order);
  void begin(const Attached& py, PyObject* loop, std::unique_ptr<Job> job);
  void finish(const Attached& py, Job& job, PyObject* result, PyObject* exception);
  static void answer(const Attached& py, Job& job, call::Outcome outcome);
  [[nodiscard]] std::deque<Order> take_orders();

  // What Python calls on the loop's thread; self is a capsule.
  static PyObject* on_ready(PyObject* self, PyObject* loop);
  static PyObject* on_done(PyObject* self, PyObject* const* args, Py_ssize_t count);
  static PyMethodDef on_ready_method;
  static PyMethodDef on_done_method;

  const Interpreter& interpreter_;
  const Toolset& toolset_;
  int wake_fd_;
  std::mutex mutex_;
  std::deque<Order> orders_;                                      // guarded by mutex_
  std::thread thread_;                                            // guarded by mutex_ until the end
  std::unordered_map<std::uint64_t, std::unique_ptr<Job>> jobs_;  // the loop thread's own
};

}  // namespace atonce::python
