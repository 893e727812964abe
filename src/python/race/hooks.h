// Functions of CPython's own types that are replaced in their tables of methods: this catches locks
// that were made before, and those inside the standard library.
#pragma once

#include <string>

#include "python/attach.h"

namespace atonce::python::race {

// Each adds what the detector must know of: locks taken and given back, threads that begin and are
// waited for, items that go through queues in C. Once. False with a Python exception set when this
// Python's tables are not as expected.
bool watch_locks();
bool watch_threads();
bool watch_queues();
// Objects that end are forgotten.
bool watch_objects();

// Where a run is to be disturbed, waits now and then, often at first: after this thread gave
// something to the others or got something from them.
void let_others_in();

// For a thread that has just begun, while its parent can go on: a moment, so that it has begun the
// others, too, where a run is to be disturbed. Of a patient run the first few threads wait until
// somebody waits for a thread, as all are there then; a busy machine's parent takes its time.
void let_parent_go_on();

// The entry of a type's or a module's function in its table; null with an exception set where there
// is none, or where it takes its arguments in another way than `flags` say.
PyMethodDef* find_method(PyObject* owner, const char* name, int flags);

// Puts `hook` in the place of such a function, which goes to `original`. False with an exception
// set.
template <typename Function>
bool replace(PyObject* owner, const char* name, int flags, Function* original, Function hook) {
  PyMethodDef* const method = find_method(owner, name, flags);
  if (method == nullptr) return false;
  *original = reinterpret_cast<Function>(reinterpret_cast<void*>(method->ml_meth));
  method->ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(hook));
  return true;
}

}  // namespace atonce::python::race
