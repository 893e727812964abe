// What setattr(), getattr() and the like do to the same places as `o.x` and `o.x = v`.
#pragma once

#include "python/race/site.h"

namespace atonce::python::race {

// After `value` was read; before it is written (null: not known yet, or deleted). site.name is the
// attribute's.
void watch_attribute_read(Site& site, PyObject* owner, PyObject* value);
void watch_attribute_write(Site& site, PyObject* owner, PyObject* value, std::uint32_t flags);

// Where a run is told to be slow, waits; others may come in between. `key`: of the element that was
// read, where it was one.
void wait_at(const Site& site, PyObject* key);
inline void slow_down_at(const Site& site, PyObject* key = nullptr) {
  if (Monitor::has_delays()) wait_at(site, key);
}

}  // namespace atonce::python::race
