#include "python/race/site.h"

#include <cstddef>

#include "python/race/monitor.h"

namespace atonce::python::race {
namespace {

PyObject* hold_site(PyObject* self, PyObject* other) {
  if (!Py_IS_TYPE(other, &site_type)) {
    PyErr_SetString(PyExc_TypeError, "hold() wants a site");
    return nullptr;
  }
  as_changeable_site(self).held_by = &as_site(other);
  Py_RETURN_NONE;
}

PyObject* set_cell(PyObject* self, PyObject* index) {
  const long number = PyLong_AsLong(index);
  if (number == -1 && PyErr_Occurred() != nullptr) return nullptr;
  as_changeable_site(self).cell = static_cast<int>(number);
  Py_RETURN_NONE;
}

PyObject* show_site(PyObject* self) {
  const SiteText text = Monitor::get().text_of(as_site(self).id);
  return PyUnicode_FromFormat("<site %d: %s, line %d>", static_cast<int>(as_site(self).id),
                              text.text.c_str(), text.line);
}

PyMethodDef site_methods[] = {
    {"hold", hold_site, METH_O, "The site that holds the container of this one's key."},
    {"set_cell", set_cell, METH_O, "The number of its cell among the frame's variables."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyTypeObject site_type = [] {
  PyTypeObject type{};
  type.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  type.tp_name = "_atonce_race.Site";
  type.tp_basicsize = sizeof(Site);
  type.tp_vectorcall_offset = offsetof(Site, call);
  type.tp_call = PyVectorcall_Call;
  type.tp_repr = show_site;
  type.tp_methods = site_methods;
  type.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL;
  return type;
}();

PyObject* wrong_arguments(const Site& site, Py_ssize_t wanted, Py_ssize_t got) {
  return PyErr_Format(PyExc_TypeError, "site %d wants %zd arguments, not %zd",
                      static_cast<int>(site.id), wanted, got);
}

}  // namespace atonce::python::race
