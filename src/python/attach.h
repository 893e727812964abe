// The right to touch Python objects, and owned references to them.
//
// Every function that touches objects takes a `const Attached&`: holding one is the proof. Detach
// before any wait (a queue, a lock, a file), because the collector stops the world and waits for
// every attached thread.
#pragma once

#include <Python.h>

#include <memory>

namespace atonce::python {

// Attaches a thread state to this thread for its own lifetime. The state must have been made on
// this thread, and not be attached already.
class Attached final {
 public:
  explicit Attached(PyThreadState* state) { PyEval_RestoreThread(state); }

  // Inside a function that Python calls: the thread is attached already, and stays so.
  struct ByCaller {};
  explicit Attached(ByCaller) : detaches_(false) {}

  ~Attached() {
    if (detaches_) PyEval_SaveThread();
  }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  const bool detaches_ = true;
};

// Lets go of Python inside an Attached scope, for a stretch that may wait.
class Detached final {
 public:
  explicit Detached(const Attached&) : state_(PyEval_SaveThread()) {}
  ~Detached() { PyEval_RestoreThread(state_); }
  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

 private:
  PyThreadState* const state_;
};

struct DropRef {
  void operator()(PyObject* object) const { Py_DECREF(object); }
};
using Ref = std::unique_ptr<PyObject, DropRef>;  // owned; must die while attached

// Another owned reference to a borrowed object.
inline Ref share(PyObject* object) { return Ref(Py_NewRef(object)); }

// A thread state for the calling thread, made once and used for the thread's whole life: making one
// per call costs a third of the speed. Closed on the same thread.
class ThreadState final {
 public:
  explicit ThreadState(PyInterpreterState* interpreter) : state_(PyThreadState_New(interpreter)) {}
  ~ThreadState() {
    PyEval_RestoreThread(state_);
    PyThreadState_Clear(state_);
    PyThreadState_DeleteCurrent();
  }
  ThreadState(const ThreadState&) = delete;
  ThreadState& operator=(const ThreadState&) = delete;

  [[nodiscard]] PyThreadState* get() const { return state_; }

 private:
  PyThreadState* state_;
};

}  // namespace atonce::python
