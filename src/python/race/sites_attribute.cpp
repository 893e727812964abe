// Sites that read and write attributes.
#include "python/race/access.h"
#include "python/race/attributes.h"
#include "python/race/properties.h"
#include "python/race/site.h"

namespace atonce::python::race {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Where an attribute of a type's instances is.
enum class Reach : std::uint32_t {
  unknown = 0,
  instance = 1,     // in the object itself, if anywhere
  type_value = 2,   // in the type, unless the object has one of its own
  cached = 3,       // a functools.cached_property: in the object, once it has been computed
  not_watched = 4,  // a method, a property: code of its own, which is watched by itself
  of_type = 5,      // the owner is a type
  of_module = 6,
};

PyTypeObject* cached_property_type() {
  static PyTypeObject* const type = [] {
    const Ref functools(PyImport_ImportModule("functools"));
    PyObject* const found =
        functools ? PyObject_GetAttrString(functools.get(), "cached_property") : nullptr;
    PyErr_Clear();
    return reinterpret_cast<PyTypeObject*>(found);  // kept for ever
  }();
  return type;
}

// Whether reading an attribute is what `object` does: no __getattribute__ of its own.
bool has_plain_lookup(PyTypeObject* type) {
  if (type->tp_getattro == PyObject_GenericGetAttr) return true;
  static PyObject* const name = PyUnicode_InternFromString("__getattribute__");
  static PyObject* const plain = _PyType_Lookup(&PyBaseObject_Type, name);
  return _PyType_Lookup(type, name) == plain;
}

bool has_plain_store(PyTypeObject* type) {
  if (type->tp_setattro == PyObject_GenericSetAttr) return true;
  static PyObject* const name = PyUnicode_InternFromString("__setattr__");
  static PyObject* const plain = _PyType_Lookup(&PyBaseObject_Type, name);
  return _PyType_Lookup(type, name) == plain;
}

Reach reach_of(PyTypeObject* type, PyObject* name) {
  if (PyType_FastSubclass(type, Py_TPFLAGS_TYPE_SUBCLASS)) return Reach::of_type;
  if (PyType_IsSubtype(type, &PyModule_Type)) return Reach::of_module;
  if (!has_plain_lookup(type) || !has_plain_store(type)) return Reach::not_watched;
  PyObject* const found = _PyType_Lookup(type, name);
  if (found == nullptr) return Reach::instance;
  PyTypeObject* const kind = Py_TYPE(found);
  if (kind == &PyMemberDescr_Type) return Reach::instance;  // a slot
  if (kind->tp_descr_set != nullptr) return Reach::not_watched;
  if (kind->tp_descr_get == nullptr) return Reach::type_value;
  return kind == cached_property_type() ? Reach::cached : Reach::not_watched;
}

Reach find_reach(Site& site, PyTypeObject* type) {
  const std::uint32_t version = type->tp_version_tag;
  const std::uint64_t known = site.known.load(kRelaxed);
  if (version != 0 && known >> 32 == version) return static_cast<Reach>(known & 0xFF);
  const Reach reach = reach_of(type, site.name);
  const std::uint32_t now = type->tp_version_tag;  // the lookup may have given it one
  if (now != 0) {
    site.known.store((std::uint64_t{now} << 32) | static_cast<std::uint64_t>(reach), kRelaxed);
  }
  return reach;
}

// The class that has the attribute itself; null when none has.
PyObject* find_class(PyTypeObject* type, PyObject* name) {
  PyObject* const order = type->tp_mro;
  for (Py_ssize_t at = 0; order != nullptr && at < PyTuple_GET_SIZE(order); ++at) {
    PyObject* const base = PyTuple_GET_ITEM(order, at);
    const Ref names(PyType_GetDict(reinterpret_cast<PyTypeObject*>(base)));
    if (names && PyDict_Contains(names.get(), name) == 1) return base;
  }
  PyErr_Clear();
  return nullptr;
}

bool is_code(PyObject* value) {
  return PyFunction_Check(value) || PyCFunction_Check(value) || PyMethod_Check(value) ||
         PyType_Check(value) || Py_TYPE(value)->tp_descr_get != nullptr;
}

void read_at(const Site& site, PyObject* owner, PyObject* place, Thing thing = Thing::attribute,
             PyObject* value = nullptr) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(place));
  Access access(thing, site, owner, site.name, value);
  const core::Place where{block, block.at(site.key), core::kChanges, true};
  detector.read(Monitor::thread(), where, site.id, access);
}

void write_at(const Site& site, PyObject* owner, PyObject* place, PyObject* value,
              core::Stored stored, std::uint32_t flags, Thing thing = Thing::attribute) {
  core::Detector& detector = Monitor::get().detector();
  core::Thread& thread = Monitor::thread();
  core::Block& block = detector.shadow().of(address_of(place));
  if ((site.flags & core::kInit) != 0 && block.birth().is_never()) {
    block.set_birth(core::Epoch::at(thread.moment(), site.id, 0));
  }
  Access access(thing, site, owner, site.name, value);
  const core::Place where{block, block.at(site.key), core::kChanges, true};
  detector.write(thread, where, site.id, flags, stored, access);
}

// A property that computes and keeps: two threads may both compute it.
void read_cached(const Site& site, PyObject* owner, PyObject* value, bool was_there) {
  if (was_there) {
    read_at(site, owner, owner, Thing::cached, value);
    return;
  }
  write_at(site, owner, owner, value, stored_of(value), core::kWrites | core::kAugmented,
           Thing::cached);
}

bool has_own(PyObject* owner, PyObject* name) {
  const Ref names(PyObject_GenericGetDict(owner, nullptr));
  if (!names) {
    PyErr_Clear();
    return false;
  }
  return PyDict_Contains(names.get(), name) == 1;
}

bool is_dict_name(PyObject* name) {
  static PyObject* const dict_name = PyUnicode_InternFromString("__dict__");
  return name == dict_name;
}

void unite_names(PyObject* owner, PyObject* names) {
  if (!PyDict_Check(names) || PyType_Check(owner) || PyModule_Check(owner)) return;
  Monitor::get().detector().shadow().unite(address_of(owner), address_of(names));
}

bool is_lock(PyObject* value) {
  const std::string_view type = Py_TYPE(value)->tp_name;
  return type == "_thread.lock" || type == "_thread.RLock" || type == "Condition";
}

// A name that is known at run time only may be gone when it is asked for.
void remember(const Site& site, PyObject* value, PyObject* owner) {
  if (site.call != nullptr) RecentLoads::add(value, owner, site.name);
}

// Where an attribute is that `reach` finds; null when that is not watched.
PyObject* place_of(Reach reach, PyObject* owner, PyObject* name, PyObject* value) {
  switch (reach) {
    case Reach::instance: return owner;
    case Reach::type_value:
      if (value != nullptr && _PyType_Lookup(Py_TYPE(owner), name) == value) {
        return find_class(Py_TYPE(owner), name);
      }
      return owner;
    case Reach::of_type:
      if (value != nullptr && is_code(value)) return nullptr;
      return find_class(reinterpret_cast<PyTypeObject*>(owner), name);
    case Reach::of_module: return PyModule_GetDict(owner);
    case Reach::cached:
    case Reach::not_watched:
    case Reach::unknown: break;
  }
  return nullptr;
}

}  // namespace

void watch_attribute_read(Site& site, PyObject* owner, PyObject* value) {
  const Reach reach = find_reach(site, Py_TYPE(owner));
  if (is_dict_name(site.name)) {
    remember(site, value, owner);
    unite_names(owner, value);
    return;
  }
  if (reach == Reach::instance) {
    if (is_reference(value)) remember(site, value, owner);
    read_at(site, owner, owner);
    return;
  }
  if (reach == Reach::of_module && Monitor::get().find_module(PyModule_GetDict(owner)) == nullptr) {
    return;
  }
  PyObject* const place = place_of(reach, owner, site.name, value);
  if (place == nullptr) return;
  remember(site, value, reach == Reach::type_value ? place : owner);
  read_at(site, place == owner || reach == Reach::of_module ? owner : place, place);
}

void watch_attribute_write(Site& site, PyObject* owner, PyObject* value, std::uint32_t flags) {
  const Reach reach = find_reach(site, Py_TYPE(owner));
  PyObject* place = nullptr;
  if (reach == Reach::instance || reach == Reach::type_value || reach == Reach::cached) {
    place = owner;
  } else if (reach == Reach::of_type) {
    place = owner;
  } else if (reach == Reach::of_module) {
    place = PyModule_GetDict(owner);
  }
  if (place == nullptr) return;
  if (value != nullptr && is_lock(value)) {
    Monitor::get().name_lock(value,
                             name_of_attribute(owner, site.name, Monitor::get().text_of(site.id)));
  }
  write_at(site, owner, place, value, stored_of(value), flags);
}

namespace {

// Whether code of the program's own may be run to read or write the attribute.
bool may_run_code(const Site& site, Reach reach, PyObject* owner) {
  if ((site.flags & (core::kPaired | core::kAugmented)) == 0) return false;
  return reach == Reach::not_watched || (reach != Reach::of_type && reach != Reach::of_module &&
                                         Py_TYPE(owner)->tp_getattro != PyObject_GenericGetAttr);
}

PyObject* load_attribute(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  Site& site = as_changeable_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const owner = args[0];
  const Reach reach = find_reach(site, Py_TYPE(owner));
  const bool is_cached = reach == Reach::cached;
  const bool was_there = is_cached && has_own(owner, site.name);
  PyObject* const value = may_run_code(site, reach, owner) ? get_property(site, owner)
                                                           : PyObject_GetAttr(owner, site.name);
  if (value == nullptr) return nullptr;
  if (is_cached) {
    read_cached(site, owner, value, was_there);
  } else {
    watch_attribute_read(site, owner, value);
  }
  slow_down_at(site);
  return value;
}

PyObject* store_attribute(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  Site& site = as_changeable_site(callable);
  if (PyVectorcall_NARGS(nargs) != 2) return wrong_arguments(site, 2, PyVectorcall_NARGS(nargs));
  PyObject* const owner = args[1];
  watch_attribute_write(site, owner, args[0], site.flags);  // before others can see it
  const int done = may_run_code(site, find_reach(site, Py_TYPE(owner)), owner)
                       ? set_property(site, owner, args[0])
                       : PyObject_SetAttr(owner, site.name, args[0]);
  if (done < 0) return nullptr;
  Py_RETURN_NONE;
}

PyObject* touch_attribute(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  Site& site = as_changeable_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const owner = args[0];
  if ((site.flags & (core::kWrites | core::kDeletes)) != 0) {
    watch_attribute_write(site, owner, nullptr, site.flags);
  }
  if ((site.flags & core::kAugmented) != 0 &&
      may_run_code(site, find_reach(site, Py_TYPE(owner)), owner)) {
    return stand_in_for(site, owner);
  }
  return Py_NewRef(owner);
}

}  // namespace

vectorcallfunc attribute_call(SiteKind kind) {
  switch (kind) {
    case SiteKind::load_attribute: return load_attribute;
    case SiteKind::store_attribute: return store_attribute;
    case SiteKind::touch_attribute: return touch_attribute;
    default: return nullptr;
  }
}

}  // namespace atonce::python::race
