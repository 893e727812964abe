#include "python/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "python/forked.h"

namespace atonce::python {

PyMethodDef EventLoop::on_ready_method = {"on_ready", EventLoop::on_ready, METH_O, nullptr};
PyMethodDef EventLoop::on_done_method = {
    "on_done", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(EventLoop::on_done)),
    METH_FASTCALL, nullptr};

EventLoop::EventLoop(const Interpreter& interpreter, const Toolset& toolset)
    : interpreter_(interpreter),
      toolset_(toolset),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  ATONCE_CHECK(wake_fd_ >= 0, "an eventfd can be made");
}

EventLoop::~EventLoop() {
  const bool is_running = [this] {
    const std::lock_guard lock(mutex_);
    return thread_.joinable();
  }();
  if (is_running) {
    post({});
    thread_.join();
  }
  close(wake_fd_);
}

void EventLoop::start(const Tool& tool, const call::Call& call, engine::CallControl& control,
                      Done done) {
  post({.start = std::unique_ptr<Job>(new Job{*this, tool, call, control, std::move(done)})});
}

void EventLoop::interrupt(std::uint64_t ticket) { post({.interrupt = ticket}); }

void EventLoop::post(Order order) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(order));
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  const std::uint64_t one = 1;
  // Only a counter at its limit could make this fail, and then the loop is awake already.
  static_cast<void>(write(wake_fd_, &one, sizeof one));
}

std::deque<EventLoop::Order> EventLoop::take_orders() {
  std::uint64_t count = 0;
  static_cast<void>(read(wake_fd_, &count, sizeof count));
  const std::lock_guard lock(mutex_);
  return std::exchange(orders_, {});
}

void EventLoop::work() {
  const ThreadState state(interpreter_.state());
  const Attached py(state.get());
  const Ref self(PyCapsule_New(this, nullptr, nullptr));
  const Ref ready(PyCFunction_New(&on_ready_method, self.get()));
  const Ref fd(PyLong_FromLong(wake_fd_));
  const Ref ended(
      PyObject_CallFunctionObjArgs(toolset_.host().run_loop, fd.get(), ready.get(), nullptr));
  if (!ended) PyErr_Print();  // asyncio itself failed: the calls' deadlines answer for it
}

PyObject* EventLoop::on_ready(PyObject* self, PyObject* loop) {
  auto& owner = *static_cast<EventLoop*>(PyCapsule_GetPointer(self, nullptr));
  const Attached py(Attached::ByCaller{});
  for (Order& order : owner.take_orders()) owner.obey(py, loop, std::move(order));
  Py_RETURN_NONE;
}

void EventLoop::obey(const Attached& py, PyObject* loop, Order order) {
  if (order.start) return begin(py, loop, std::move(order.start));
  Ref answer;
  if (order.interrupt == 0) {
    answer.reset(PyObject_CallMethod(loop, "leave", nullptr));
  } else if (const auto at = jobs_.find(order.interrupt); at != jobs_.end()) {
    answer.reset(PyObject_CallMethod(at->second->task.get(), "cancel", nullptr));
  }
  if (!answer) PyErr_Clear();
}

void EventLoop::begin(const Attached& py, PyObject* loop, std::unique_ptr<Job> job) {
  // Its interrupt() came before it, or is still to come.
  if (job->control.is_stopped.load()) return answer(py, *job, call::Cancelled{});
  auto arguments = read_arguments(py, toolset_, job->tool, job->call, job->control);
  if (!arguments) return answer(py, *job, std::move(arguments.error()));
  const Ref self(PyCapsule_New(job.get(), nullptr, nullptr));
  const Ref done(PyCFunction_New(&on_done_method, self.get()));
  PyObject* const tell = arguments->tell ? arguments->tell.get() : Py_None;
  job->task.reset(PyObject_CallFunctionObjArgs(toolset_.host().start_call, loop, job->tool.function,
                                               arguments->args.get(), arguments->kwargs.get(),
                                               done.get(), tell, nullptr));
  if (!job->task) return answer(py, *job, take_raised(py, toolset_));
  job->link = std::move(arguments->link);
  const std::uint64_t ticket = job->control.ticket;
  jobs_.emplace(ticket, std::move(job));
}

PyObject* EventLoop::on_done(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  auto& job = *static_cast<Job*>(PyCapsule_GetPointer(self, nullptr));
  const Attached py(Attached::ByCaller{});
  job.owner.finish(py, job, count > 0 ? args[0] : Py_None, count > 1 ? args[1] : Py_None);
  Py_RETURN_NONE;
}

void EventLoop::finish(const Attached& py, Job& job, PyObject* result, PyObject* exception) {
  const auto node = jobs_.extract(job.control.ticket);  // destroys the job at the end
  if (job.link.is_unwinding()) return answer(py, job, end_unwound(py));
  if (exception == Py_None) return answer(py, job, to_outcome(py, toolset_, job.tool, result));
  PyErr_SetRaisedException(Py_NewRef(exception));
  answer(py, job, take_raised(py, toolset_));
}

void EventLoop::answer(const Attached& py, Job& job, call::Outcome outcome) {
  end_forked_child(outcome);
  job.link.cut();  // the engine may forget the call's control as soon as it has the outcome
  const Detached for_the_engine(py);  // it takes locks
  job.done(std::move(outcome));
}

}  // namespace atonce::python
