// Threads that begin, end and are waited for; items that go through queues in C.
#include <atomic>
#include <ctime>
#include <unordered_map>

#include "python/convert.h"
#include "python/race/hooks.h"
#include "python/race/monitor.h"

namespace atonce::python::race {
namespace {

// The function that a new thread runs, with what its parent knew.
struct Beginning {
  PyObject_HEAD PyObject* function;
  PyObject* handle;  // for join(); or null
  core::Clocks* known;
};

std::string name_of(PyObject* function) {
  const Ref self(PyObject_GetAttrString(function, "__self__"));
  const Ref name(self ? PyObject_GetAttrString(self.get(), "_name") : nullptr);
  PyErr_Clear();
  const Attached py{Attached::ByCaller{}};
  return name && PyUnicode_Check(name.get()) ? to_text(py, name.get()) : "a thread";
}

std::atomic<unsigned> joins = 0;  // that have begun

void wait_a_moment() {
  Py_BEGIN_ALLOW_THREADS const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
  nanosleep(&moment, nullptr);
  Py_END_ALLOW_THREADS
}

PyObject* run_beginning(PyObject* self, PyObject* args, PyObject* names) {
  auto* const beginning = reinterpret_cast<Beginning*>(self);
  Monitor& monitor = Monitor::get();
  core::Thread& thread = monitor.begin_thread(*beginning->known, name_of(beginning->function));
  if (beginning->handle == nullptr) let_parent_go_on();
  PyObject* const result = PyObject_Call(beginning->function, args, names);
  PyObject* const raised = PyErr_GetRaisedException();
  if (beginning->handle != nullptr) {
    core::Block& block = monitor.detector().shadow().of(address_of(beginning->handle));
    block.lock_clocks() = thread.hand_over();
  }
  monitor.end_thread(thread);
  PyErr_SetRaisedException(raised);
  return result;
}

void end_beginning(PyObject* self) {
  auto* const beginning = reinterpret_cast<Beginning*>(self);
  Py_DECREF(beginning->function);
  Py_XDECREF(beginning->handle);
  delete beginning->known;
  Py_TYPE(self)->tp_free(self);
}

// As the function's own: it is shown where a thread's exception is ignored.
PyObject* show_beginning(PyObject* self) {
  return PyObject_Repr(reinterpret_cast<Beginning*>(self)->function);
}

PyTypeObject beginning_type = [] {
  PyTypeObject type{};
  type.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  type.tp_name = "_atonce_race.Beginning";
  type.tp_basicsize = sizeof(Beginning);
  type.tp_dealloc = end_beginning;
  type.tp_call = run_beginning;
  type.tp_repr = show_beginning;
  type.tp_flags = Py_TPFLAGS_DEFAULT;
  return type;
}();

// Owned; null with an exception set.
PyObject* begin_with(PyObject* function, PyObject* handle) {
  auto* const beginning = PyObject_New(Beginning, &beginning_type);
  if (beginning == nullptr) return nullptr;
  beginning->function = Py_NewRef(function);
  beginning->handle = handle == Py_None ? nullptr : Py_XNewRef(handle);
  beginning->known = new core::Clocks(Monitor::thread().hand_over());
  return reinterpret_cast<PyObject*>(beginning);
}

PyCFunction start_new = nullptr;
PyCFunctionWithKeywords start_joinable = nullptr;
PyCFunction join = nullptr;
PyCFunction is_done = nullptr;

PyObject* start_new_thread(PyObject* module, PyObject* args) {
  if (PyTuple_GET_SIZE(args) < 1 || !PyCallable_Check(PyTuple_GET_ITEM(args, 0))) {
    return start_new(module, args);  // it says what is wrong
  }
  const Ref beginning(begin_with(PyTuple_GET_ITEM(args, 0), nullptr));
  const Ref list(PySequence_List(args));
  if (!beginning || !list) return nullptr;
  if (PyList_SetItem(list.get(), 0, Py_NewRef(beginning.get())) < 0) return nullptr;
  const Ref changed(PyList_AsTuple(list.get()));
  return changed ? start_new(module, changed.get()) : nullptr;
}

PyObject* start_joinable_thread(PyObject* module, PyObject* args, PyObject* names) {
  PyObject* const given = names == nullptr ? nullptr : PyDict_GetItemString(names, "function");
  PyObject* const function = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : given;
  if (function == nullptr || !PyCallable_Check(function))
    return start_joinable(module, args, names);
  const Ref changed(names == nullptr ? PyDict_New() : PyDict_Copy(names));
  const Ref none(PyTuple_New(0));
  if (!changed || !none) return nullptr;
  Ref handle = share(PyTuple_GET_SIZE(args) > 1 ? PyTuple_GET_ITEM(args, 1) : Py_None);
  if (PyObject* const named = PyDict_GetItemString(changed.get(), "handle")) handle = share(named);
  if (handle.get() == Py_None) {  // it makes one itself; only one that we know can be waited for
    const Ref type(PyObject_GetAttrString(module, "_ThreadHandle"));
    handle = Ref(type ? PyObject_CallNoArgs(type.get()) : nullptr);
    if (!handle) return nullptr;
  }
  const Ref beginning(begin_with(function, handle.get()));
  if (!beginning) return nullptr;
  if (PyDict_SetItemString(changed.get(), "function", beginning.get()) < 0 ||
      PyDict_SetItemString(changed.get(), "handle", handle.get()) < 0) {
    return nullptr;
  }
  if (PyTuple_GET_SIZE(args) > 2 &&
      PyDict_SetItemString(changed.get(), "daemon", PyTuple_GET_ITEM(args, 2)) < 0) {
    return nullptr;
  }
  return start_joinable(module, none.get(), changed.get());
}

// A thread that is known to have ended: what it did came before.
void learn_of_end(PyObject* handle) {
  const Ref done(is_done(handle, nullptr));
  if (done.get() != Py_True) return;
  core::Block* const block = Monitor::get().detector().shadow().find(address_of(handle));
  if (block != nullptr) Monitor::thread().learn(block->lock_clocks());
}

PyObject* join_thread(PyObject* self, PyObject* args) {
  joins.fetch_add(1);
  PyObject* const result = join(self, args);
  if (result != nullptr) learn_of_end(self);
  return result;
}

PyObject* is_thread_done(PyObject* self, PyObject* nothing) {
  PyObject* const result = is_done(self, nothing);
  if (result == Py_True) learn_of_end(self);
  return result;
}

}  // namespace

void let_parent_go_on() {
  const Options& options = Monitor::get().options();
  if (!Monitor::get().perturbs()) return;
  constexpr unsigned kFewThreads = 8;
  constexpr int kMostMoments = 20;
  static std::atomic<unsigned> threads = 0;
  const bool is_patient = options.is_patient && threads++ < kFewThreads;
  const unsigned before = joins.load();
  int moments = is_patient ? kMostMoments : 1;
  do {
    wait_a_moment();
  } while (--moments > 0 && joins.load() == before);
}

bool watch_threads() {
  if (PyType_Ready(&beginning_type) < 0) return false;
  const Ref module(PyImport_ImportModule("_thread"));
  if (!module) return false;
  const Ref handle(PyObject_GetAttrString(module.get(), "_ThreadHandle"));
  constexpr int kWithNames = METH_VARARGS | METH_KEYWORDS;
  return handle &&
         replace(module.get(), "start_new_thread", METH_VARARGS, &start_new, &start_new_thread) &&
         replace(module.get(), "start_joinable_thread", kWithNames, &start_joinable,
                 &start_joinable_thread) &&
         replace(handle.get(), "join", METH_VARARGS, &join, &join_thread) &&
         replace(handle.get(), "is_done", METH_NOARGS, &is_done, &is_thread_done);
}

}  // namespace atonce::python::race
