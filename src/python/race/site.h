// The callable that stands in the program's code where something is read or written: it does that,
// or passes on what it is given, and tells the detector.
#pragma once

#include <atomic>
#include <cstdint>

#include "python/attach.h"
#include "python/race/monitor.h"

namespace atonce::python::race {

// The same numbers in python/atonce/_host/check/rewriting/sites.py.
enum class SiteKind : int {
  load_attribute = 1,
  store_attribute,
  touch_attribute,
  load_item,
  store_item,
  hold,
  touch_key,
  touch_whole,
  load_global,
  store_global,
  load_cell,
  store_cell,
  method,
  contains,
  truth,
  iterate,
  builtin,
  lock,
  enter,
  event,
  escape,
  call,
  take,
};

// A constant of code objects: lives as long as the process, and its count of references is not
// kept, which threads would fight over.
struct Site {
  PyObject_HEAD vectorcallfunc call;
  PyObject* name;  // an attribute's, a variable's or a method's
  const WatchedModule* module;
  const Site* held_by;  // of touch_key
  std::uint64_t key;    // of the name
  core::SiteId id;
  std::uint32_t flags;
  int cell;
  bool guards_whole;  // of an element's read: a write that depends on it may change a list's length
  int method;         // MethodName
  std::atomic<std::uint64_t> known;  // what is known of a type: its version and a Reach
};

extern PyTypeObject site_type;

// What a site does, by its kind. All are vectorcall functions of a Site.
vectorcallfunc attribute_call(SiteKind kind);
vectorcallfunc item_call(SiteKind kind);
vectorcallfunc name_call(SiteKind kind);
vectorcallfunc container_call(SiteKind kind);

// What a write at a method or item site can do to its container.
[[nodiscard]] std::uint8_t effects_of(SiteKind kind, PyObject* name, std::uint32_t flags);

[[nodiscard]] inline const Site& as_site(PyObject* callable) {
  return *reinterpret_cast<const Site*>(callable);
}
[[nodiscard]] inline Site& as_changeable_site(PyObject* callable) {
  return *reinterpret_cast<Site*>(callable);
}

// How many readings of attributes this thread is within (properties.h): asked for at every site.
inline thread_local constinit unsigned readings = 0;

// Whether a read there can matter: a write may depend on it.
[[nodiscard]] inline bool is_paired(const Site& site) {
  return (site.flags & core::kPaired) != 0 || readings != 0;
}

// A clear error for code that calls a site as no rewriting does.
PyObject* wrong_arguments(const Site& site, Py_ssize_t wanted, Py_ssize_t got);

}  // namespace atonce::python::race
