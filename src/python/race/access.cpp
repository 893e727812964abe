#include "python/race/access.h"

#include "python/race/internals.h"

namespace atonce::python::race {

thread_local std::array<RecentLoads::Load, 8> RecentLoads::loads_{};
thread_local unsigned RecentLoads::next_ = 0;

core::Stored stored_of(PyObject* value) {
  if (value == nullptr) return core::Stored::plain;
  if (value == Py_None) return core::Stored::none;
  if (PyBool_Check(value)) return core::Stored::boolean;
  constexpr unsigned long kPlain =
      Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_BYTES_SUBCLASS;
  const bool is_plain = PyType_HasFeature(Py_TYPE(value), kPlain) || PyFloat_CheckExact(value) ||
                        PyComplex_CheckExact(value);
  return is_plain ? core::Stored::plain : core::Stored::reference;
}

std::uint64_t key_of_name(PyObject* name) {
  const Py_hash_t hash = PyObject_Hash(name);  // of a text: cannot fail
  return core::key_of(static_cast<std::uint64_t>(hash));
}

std::optional<std::uint64_t> key_of_element(PyObject* key) {
  const Py_hash_t hash = PyObject_Hash(key);
  if (hash == -1) {
    PyErr_Clear();  // the operation itself says so
    return std::nullopt;
  }
  return core::key_of(static_cast<std::uint64_t>(hash));
}

PyObject* Access::current() const {
  PyObject* found = nullptr;
  switch (thing_) {
    case Thing::attribute:
    case Thing::cached:
      if (PyType_Check(owner_)) {
        found = Py_XNewRef(_PyType_Lookup(reinterpret_cast<PyTypeObject*>(owner_), name_));
      } else {
        found = PyObject_GenericGetAttr(owner_, name_);
      }
      break;
    case Thing::global:
      if (PyDict_GetItemRef(owner_, name_, &found) < 0) found = nullptr;
      break;
    case Thing::element:
      if (PyDict_Check(owner_)) {
        if (PyDict_GetItemRef(owner_, name_, &found) < 0) found = nullptr;
      } else if (PyList_Check(owner_)) {
        found = PyObject_GetItem(owner_, name_);
      }
      break;
    case Thing::cell: found = PyCell_Get(owner_); break;
    case Thing::whole:
    case Thing::iterator: break;
  }
  PyErr_Clear();
  return found;
}

core::Stored Access::before() {
  if (thing_ == Thing::whole || thing_ == Thing::iterator) return core::Stored::plain;
  if ((site_.flags & core::kInit) != 0) return core::Stored::none;
  const Ref found(current());
  return found ? stored_of(found.get()) : core::Stored::none;
}

bool Access::is_same() {
  if (value_ == nullptr || stored_of(value_) != core::Stored::plain) return false;
  const Ref found(current());
  if (!found || stored_of(found.get()) != core::Stored::plain) return false;
  const int is_equal = PyObject_RichCompareBool(found.get(), value_, Py_EQ);
  PyErr_Clear();
  return is_equal == 1;
}

core::Address Access::frame() { return address_of(atonce_current_frame()); }

// A wrapper or two may stand in between.
bool Access::is_called_by(const core::DecidedCall& call) {
  constexpr int kMostFrames = 3;
  const WatchedModule* const module = Monitor::get().text_of(call.read).module;
  PyFrameObject* const current = PyEval_GetFrame();
  Ref frame(current == nullptr ? nullptr : reinterpret_cast<PyObject*>(PyFrame_GetBack(current)));
  for (int back = 0; frame && module != nullptr && back < kMostFrames; ++back) {
    auto* const caller = reinterpret_cast<PyFrameObject*>(frame.get());
    const int line = PyFrame_GetLineNumber(caller);
    const Ref code(reinterpret_cast<PyObject*>(PyFrame_GetCode(caller)));
    const auto* const facts = reinterpret_cast<PyCodeObject*>(code.get());
    const bool is_of_module =
        PyUnicode_CompareWithASCIIString(facts->co_filename, module->file.c_str()) == 0;
    if (is_of_module && line >= call.first_line && line <= call.last_line) return true;
    frame.reset(reinterpret_cast<PyObject*>(PyFrame_GetBack(caller)));
  }
  return false;
}

}  // namespace atonce::python::race
