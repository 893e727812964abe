// Sites that read and write global names and variables of closures, and those that only mark a
// place.
#include <string_view>

#include "python/race/access.h"
#include "python/race/attributes.h"
#include "python/race/internals.h"
#include "python/race/site.h"

namespace atonce::python::race {
namespace {

// Where a name is: its namespace or its cell; null when it is not there.
PyObject* place_of(const Site& site, bool is_cell) {
  if (is_cell) return site.cell < 0 ? nullptr : atonce_frame_cell(site.cell);
  return site.module == nullptr ? nullptr : site.module->names;
}

void watch_name(const Site& site, PyObject* value, bool is_cell, bool is_write) {
  PyObject* const place = place_of(site, is_cell);
  if (place == nullptr) return;
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(place));
  Access access(is_cell ? Thing::cell : Thing::global, site, place, site.name,
                is_write ? value : nullptr);
  const core::Place where{block, block.at(is_cell ? core::key_of(0) : site.key), core::kChanges,
                          true};
  core::Thread& thread = Monitor::thread();
  if (!is_write) {
    detector.read(thread, where, site.id, access);
    return;
  }
  const bool is_augmented = (site.flags & core::kAugmented) != 0;
  const core::Stored stored = is_augmented ? core::Stored::plain : stored_of(value);
  detector.write(thread, where, site.id, site.flags, stored, access);
}

template <bool is_cell, bool is_write>
PyObject* pass_name(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  watch_name(site, args[0], is_cell, is_write);
  if (!is_write) slow_down_at(site);
  return Py_NewRef(args[0]);
}

// What `with` is given may be anything; only a lock is taken right away.
bool may_lock(PyObject* object) {
  const std::string_view type = Py_TYPE(object)->tp_name;
  return type == "_thread.lock" || type == "_thread.RLock" || type == "Condition";
}

PyObject* mark_lock(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  Monitor::thread().lock_site = may_lock(args[0]) ? site.id : 0;
  return Py_NewRef(args[0]);
}

PyObject* enter(PyObject*, PyObject* const*, std::size_t, PyObject*) {
  Monitor::thread().enter(address_of(atonce_current_frame()));
  Py_RETURN_NONE;
}

PyObject* tell_event(PyObject* callable, PyObject* const*, std::size_t, PyObject*) {
  const Site& site = as_site(callable);
  if ((site.flags & core::kEventImport) != 0 && site.name != nullptr) {
    const Ref imported(PyImport_GetModule(site.name));
    PyErr_Clear();
    if (imported) Py_RETURN_NONE;
  }
  report_event(site);
  Py_RETURN_NONE;
}

// An object that is being made is given away: who finds it from here on knows of it, and of nothing
// that is done to it later.
PyObject* let_escape(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  core::Block& block = Monitor::get().detector().shadow().of(address_of(args[0]));
  if (block.birth().is_never()) {
    block.set_birth(core::Epoch::at(Monitor::thread().moment(), site.id, 0));
  }
  return Py_NewRef(args[0]);
}

}  // namespace

vectorcallfunc name_call(SiteKind kind) {
  switch (kind) {
    case SiteKind::load_global: return pass_name<false, false>;
    case SiteKind::store_global: return pass_name<false, true>;
    case SiteKind::load_cell: return pass_name<true, false>;
    case SiteKind::store_cell: return pass_name<true, true>;
    case SiteKind::lock: return mark_lock;
    case SiteKind::enter: return enter;
    case SiteKind::event: return tell_event;
    case SiteKind::escape: return let_escape;
    default: return nullptr;
  }
}

}  // namespace atonce::python::race
