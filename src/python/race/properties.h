// Attributes whose reading and writing runs code of the program's own: properties, descriptors,
// __getattr__. What that code reads and writes is read and written for the statement that names the
// attribute: `account.balance += 1` loses updates whatever `balance` is.
#pragma once

#include "python/race/site.h"

namespace atonce::python::race {

// While it lives, what is read or written is read or written for the site: as it says of itself.
class Within final {
 public:
  explicit Within(const Site& site) : Within(site, (site.flags & core::kWrites) != 0) {}
  Within(const Site& site, bool writes)
      : site_(site),
        thread_(Monitor::thread()),
        before_(thread_.outer),
        since_(thread_.clock()),
        reads_(!writes) {
    (reads_ ? thread_.outer.reading : thread_.outer.writing) = site.id;
    readings += reads_ ? 1 : 0;
  }
  ~Within() {
    thread_.outer = before_;
    if (!reads_) return;
    --readings;
    thread_.outer.read = site_.id;
    thread_.outer.since = since_;
  }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  const Site& site_;
  core::Thread& thread_;
  const core::Outer before_;
  const std::uint32_t since_;
  const bool reads_;
};

// PyObject_GetAttr() and PyObject_SetAttr() for such an attribute, at a site of it.
[[nodiscard]] PyObject* get_property(const Site& site, PyObject* owner);
[[nodiscard]] int set_property(const Site& site, PyObject* owner, PyObject* value);

// What stands for the owner in `owner.name += value`, where the interpreter itself gets the
// attribute and sets it, and touches nothing else of the owner. Null when an error is set.
[[nodiscard]] PyObject* stand_in_for(const Site& site, PyObject* owner);
[[nodiscard]] bool ready_stand_ins();  // once, before there are any

}  // namespace atonce::python::race
