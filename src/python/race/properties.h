// Attributes whose reading and writing runs code of the program's own: properties, descriptors,
// __getattr__. What that code reads and writes is read and written for the statement that names the
// attribute: `account.balance += 1` loses updates whatever `balance` is.
#pragma once

#include "python/race/site.h"

namespace atonce::python::race {

// PyObject_GetAttr() and PyObject_SetAttr() for such an attribute, at a site of it.
[[nodiscard]] PyObject* get_property(const Site& site, PyObject* owner);
[[nodiscard]] int set_property(const Site& site, PyObject* owner, PyObject* value);

// What stands for the owner in `owner.name += value`, where the interpreter itself gets the
// attribute and sets it, and touches nothing else of the owner. Null when an error is set.
[[nodiscard]] PyObject* stand_in_for(const Site& site, PyObject* owner);
[[nodiscard]] bool ready_stand_ins();  // once, before there are any

}  // namespace atonce::python::race
