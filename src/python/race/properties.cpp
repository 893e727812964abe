#include "python/race/properties.h"

#include "python/race/attributes.h"

namespace atonce::python::race {
namespace {

struct StandIn {
  PyObject_HEAD const Site* site;
  PyObject* owner;
};

const StandIn& as_stand_in(PyObject* self) { return *reinterpret_cast<const StandIn*>(self); }

PyObject* get(PyObject* self, PyObject*) {
  const StandIn& stand_in = as_stand_in(self);
  PyObject* const value = get_property(*stand_in.site, stand_in.owner);
  if (value != nullptr) slow_down_at(*stand_in.site);
  return value;
}

int set(PyObject* self, PyObject*, PyObject* value) {
  return set_property(*as_stand_in(self).site, as_stand_in(self).owner, value);
}

void end(PyObject* self) {
  Py_DECREF(as_stand_in(self).owner);
  Py_TYPE(self)->tp_free(self);
}

PyTypeObject stand_in_type = [] {
  PyTypeObject type{};
  type.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  type.tp_name = "_atonce_race.StandIn";
  type.tp_basicsize = sizeof(StandIn);
  type.tp_dealloc = end;
  type.tp_getattro = get;
  type.tp_setattro = set;
  type.tp_flags = Py_TPFLAGS_DEFAULT;
  return type;
}();

}  // namespace

PyObject* get_property(const Site& site, PyObject* owner) {
  const Within within(site, false);
  return PyObject_GetAttr(owner, site.name);
}

int set_property(const Site& site, PyObject* owner, PyObject* value) {
  const Within within(site, true);
  return PyObject_SetAttr(owner, site.name, value);
}

PyObject* stand_in_for(const Site& site, PyObject* owner) {
  auto* const self = PyObject_New(StandIn, &stand_in_type);
  if (self == nullptr) return nullptr;
  self->site = &site;
  self->owner = Py_NewRef(owner);
  return reinterpret_cast<PyObject*>(self);
}

bool ready_stand_ins() { return PyType_Ready(&stand_in_type) == 0; }

}  // namespace atonce::python::race
