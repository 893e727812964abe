#include "python/race/hooks.h"

#include <atomic>

#include "python/race/monitor.h"

namespace atonce::python::race {
namespace {

// There is one tracer for a process, and tracemalloc wants to be it: the two are chained.
std::atomic<PyRefTracer> next_tracer = nullptr;

int trace_next(PyObject* object, PyRefTracerEvent event) {
  const PyRefTracer next = next_tracer.load(std::memory_order_relaxed);
  return next == nullptr ? 0 : next(object, event, nullptr);
}

// Called for every object that is made and that ends: only what can have been watched is looked up.
int trace_object(PyObject* object, PyRefTracerEvent event, void*) {
  constexpr unsigned long kNever = Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS |
                                   Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS;
  PyTypeObject* const type = Py_TYPE(object);
  if ((type->tp_flags & kNever) != 0 || type == &PyFloat_Type) {
    return trace_next(object, event);
  }
  // Also when it is made: what ended there may have been used once more while it ended.
  Monitor::get().detector().shadow().forget(address_of(object));
  return trace_next(object, event);
}

}  // namespace

bool watch_objects() {
  void* data = nullptr;
  const PyRefTracer current = PyRefTracer_GetTracer(&data);
  if (current == trace_object) return true;
  next_tracer.store(data == nullptr ? current : nullptr);
  return PyRefTracer_SetTracer(trace_object, nullptr) == 0;
}

PyMethodDef* find_method(PyObject* owner, const char* name, int flags) {
  const Ref found(PyObject_GetAttrString(owner, name));
  if (!found) return nullptr;
  // It stays: the type's or module's table is part of the program's code.
  PyMethodDef* method = nullptr;
  if (Py_IS_TYPE(found.get(), &PyMethodDescr_Type)) {
    method = reinterpret_cast<PyMethodDescrObject*>(found.get())->d_method;
  } else if (PyCFunction_Check(found.get())) {
    method = reinterpret_cast<PyCFunctionObject*>(found.get())->m_ml;
  }
  if (method != nullptr && method->ml_flags == flags) return method;
  PyErr_Format(PyExc_RuntimeError, "this Python is not known: `%s` of %R is another function", name,
               owner);
  return nullptr;
}

}  // namespace atonce::python::race
