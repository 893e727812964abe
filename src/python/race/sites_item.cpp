// Sites that read and write elements: `c[k]`, `c[k] = v`, `k in c`, slices.
#include <array>

#include "python/race/attributes.h"
#include "python/race/containers.h"
#include "python/race/site.h"

namespace atonce::python::race {
namespace {

// Containers on their way to the site that has their key: `H(c)[S(k)]`.
struct Held {
  const Site* site;
  PyObject* container;  // on the interpreter's stack until the key has been used
};
thread_local std::array<Held, 8> held{};
thread_local unsigned next_held = 0;

PyObject* take_held(const Site* site) {
  for (unsigned back = 1; back <= held.size(); ++back) {
    Held& one = held[(next_held - back) % held.size()];
    if (one.site != site) continue;
    one.site = nullptr;
    return one.container;
  }
  return nullptr;
}

// A defaultdict makes what is missing, in several steps that others can come between.
bool is_making(PyObject* container, PyObject* key) {
  static PyTypeObject* const type = [] {
    const Ref collections(PyImport_ImportModule("collections"));
    PyObject* const found =
        collections ? PyObject_GetAttrString(collections.get(), "defaultdict") : nullptr;
    PyErr_Clear();
    return reinterpret_cast<PyTypeObject*>(found);
  }();
  if (PyDict_CheckExact(container) || type == nullptr) return false;
  if (!PyObject_TypeCheck(container, type)) return false;
  const int is_there = PyDict_Contains(container, key);
  PyErr_Clear();
  return is_there == 0;
}

// Of a list by a number that fits, which is most of what programs do; null where that is not so.
PyObject* load_from_list(const Site& site, PyObject* list, PyObject* key) {
  if (!PyLong_CheckExact(key)) return nullptr;
  const auto* const number = reinterpret_cast<const PyLongObject*>(key);
  if (PyUnstable_Long_IsCompact(number) == 0) return nullptr;
  Py_ssize_t index = PyUnstable_Long_CompactValue(number);
  if (index < 0) index += PyList_GET_SIZE(list);
  if (index < 0 || index >= PyList_GET_SIZE(list)) return nullptr;
  PyObject* const value = PyList_GetItemRef(list, index);
  if (value == nullptr) {
    PyErr_Clear();  // it has just become shorter: the long way says so
    return nullptr;
  }
  if (is_paired(site)) {
    read_element_at(site, list, static_cast<std::size_t>(index), key);
    if (site.guards_whole) read_whole(site, list);
  }
  take(value);
  slow_down_at(site, key);
  return value;
}

// That nothing was there is what was read, too: a handler may put something there.
PyObject* miss_item(const Site& site, PyObject* container, Shape shape, PyObject* key) {
  PyObject* const raised = PyErr_GetRaisedException();
  if (is_paired(site)) {
    if (shape != Shape::deque) read_element(site, container, shape, key);
    slow_down_at(site, key);
  }
  PyErr_SetRaisedException(raised);
  return nullptr;
}

PyObject* load_item(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 2) return wrong_arguments(site, 2, PyVectorcall_NARGS(nargs));
  PyObject* const container = args[0];
  PyObject* const key = args[1];
  if (PyList_CheckExact(container)) {
    if (PyObject* const value = load_from_list(site, container, key)) return value;
  }
  const Shape shape = shape_of(container);
  const bool makes = shape == Shape::dict && is_making(container, key);
  PyObject* const value = PyObject_GetItem(container, key);
  if (shape == Shape::none || shape == Shape::iterator) return value;
  if (value == nullptr) return miss_item(site, container, shape, key);
  if (makes) {
    write_element(site, container, shape, key, value, core::kWrites | core::kAugmented);
    write_whole(site, container, core::kGrows, core::kWrites);
    publish(container, value);
  } else {
    if (is_paired(site)) {
      if (shape != Shape::deque) read_element(site, container, shape, key);
      if (shape == Shape::deque || (shape == Shape::list && site.guards_whole)) {
        read_whole(site, container);
      }
    }
    take(value);
  }
  slow_down_at(site, key);
  return value;
}

void watch_store(const Site& site, PyObject* container, Shape shape, PyObject* key, PyObject* value,
                 std::uint32_t flags) {
  if (shape == Shape::none || shape == Shape::iterator || shape == Shape::set) return;
  if (shape != Shape::deque) write_element(site, container, shape, key, value, flags);
  if (value != nullptr) publish(container, value);
  if ((flags & core::kDeletes) != 0) write_whole(site, container, core::kShrinks, flags);
}

bool is_new_key(PyObject* container, Shape shape, PyObject* key) {
  if (shape != Shape::dict) return false;
  const int is_there = PyDict_Contains(container, key);
  PyErr_Clear();
  return is_there == 0;
}

PyObject* store_item(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 3) return wrong_arguments(site, 3, PyVectorcall_NARGS(nargs));
  PyObject* const container = args[1];
  PyObject* const key = args[2];
  const Shape shape = shape_of(container);
  watch_store(site, container, shape, key, args[0], site.flags);
  const Py_ssize_t before = shape == Shape::dict ? PyDict_GET_SIZE(container) : 0;
  if (PyObject_SetItem(container, key, args[0]) < 0) return nullptr;
  if (shape == Shape::dict && PyDict_GET_SIZE(container) != before) {
    write_whole(site, container, core::kGrows, site.flags);
  }
  Py_RETURN_NONE;
}

PyObject* hold(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  held[next_held++ % held.size()] = {&site, args[0]};
  return Py_NewRef(args[0]);
}

PyObject* touch_key(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const container = take_held(site.held_by);
  if (container != nullptr) {
    const Shape shape = shape_of(container);
    const bool is_new = (site.flags & core::kWrites) != 0 && is_new_key(container, shape, args[0]);
    watch_store(site, container, shape, args[0], nullptr, site.flags);
    if (is_new) write_whole(site, container, core::kGrows, core::kWrites);
  }
  return Py_NewRef(args[0]);
}

PyObject* touch_whole(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const container = args[0];
  const Shape shape = shape_of(container);
  if (shape != Shape::none && shape != Shape::iterator) {
    if ((site.flags & (core::kWrites | core::kDeletes)) != 0) {
      write_whole(site, container, core::kGrows | core::kShrinks, site.flags);
    } else {
      if (is_paired(site)) read_whole(site, container);
      take_all(container);
    }
  }
  return Py_NewRef(container);
}

PyObject* contains(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 2) return wrong_arguments(site, 2, PyVectorcall_NARGS(nargs));
  PyObject* const container = args[1];
  const int is_there = PySequence_Contains(container, args[0]);
  if (is_there < 0) return nullptr;
  if (is_paired(site)) {
    PyObject* const behind = container_behind(container);
    const Shape shape = shape_of(behind);
    if (shape == Shape::dict || shape == Shape::set || shape == Shape::other) {
      read_element(site, behind, shape, args[0]);
    } else if (shape == Shape::list || shape == Shape::deque) {
      read_whole(site, behind);
    }
  }
  slow_down_at(site, args[0]);
  return PyBool_FromLong(is_there);
}

}  // namespace

vectorcallfunc item_call(SiteKind kind) {
  switch (kind) {
    case SiteKind::load_item: return load_item;
    case SiteKind::store_item: return store_item;
    case SiteKind::hold: return hold;
    case SiteKind::touch_key: return touch_key;
    case SiteKind::touch_whole: return touch_whole;
    case SiteKind::contains: return contains;
    default: return nullptr;
  }
}

}  // namespace atonce::python::race
