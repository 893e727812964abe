// Sites of what is done to containers as a whole: methods, iteration, truth, built-in functions.
#include <optional>
#include <string_view>

#include "python/race/attributes.h"
#include "python/race/containers.h"
#include "python/race/methods.h"
#include "python/race/properties.h"
#include "python/race/site.h"

namespace atonce::python::race {
namespace {

struct Arguments {
  PyObject* const* values;
  Py_ssize_t count;           // those by position, the container among them
  PyObject* names = nullptr;  // of those after them

  [[nodiscard]] PyObject* first() const { return count > 1 ? values[1] : nullptr; }
};

std::string_view text_of_name(PyObject* name) {
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(name, &size);
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(size));
}

// Whether a method is Python code that is watched by itself.
bool is_watched(PyObject* method) {
  return PyFunction_Check(method) &&
         Monitor::get().find_module(PyFunction_GET_GLOBALS(method)) != nullptr;
}

std::uint16_t treatment_in(PyTypeObject* type, Shape shape, PyObject* name) {
  PyObject* const found = _PyType_Lookup(type, name);
  if (found == nullptr || is_watched(found)) return kNothing;
  if (shape == Shape::queue) return treatment_of(shape, text_of_name(name));
  if (shape == Shape::other) {
    if (!is_mapping(type)) return kNothing;
    return treatment_of(Shape::dict, text_of_name(name));
  }
  return PyFunction_Check(found) ? treatment_of_own(found)
                                 : treatment_of(shape, text_of_name(name));
}

// What the method of that container does, if the type has not replaced it by one of its own. Known
// for each site by the type's version, as attributes are.
std::uint16_t find_treatment(Site& site, PyObject* container, Shape shape) {
  PyTypeObject* const type = Py_TYPE(container);
  const std::uint32_t version = type->tp_version_tag;
  const std::uint64_t known = site.known.load(std::memory_order_relaxed);
  if (version != 0 && known >> 32 == version) return static_cast<std::uint16_t>(known & 0xFFFF);
  const std::uint16_t treatment = treatment_in(type, shape, site.name);
  const std::uint32_t now = type->tp_version_tag;
  if (now != 0) {
    site.known.store((std::uint64_t{now} << 32) | treatment, std::memory_order_relaxed);
  }
  return treatment;
}

// Of `d.update(mapping, name=value)`; of a large mapping the first ones.
void write_given(const Site& site, PyObject* container, Shape shape, const Arguments& arguments,
                 std::uint32_t flags) {
  int left = 32;
  PyObject* const mapping = arguments.first();
  if (mapping != nullptr && PyDict_CheckExact(mapping)) {
    Py_ssize_t at = 0;
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    for (; left > 0 && PyDict_Next(mapping, &at, &key, &value) != 0; --left) {
      write_element(site, container, shape, key, value, flags);
    }
  }
  const Py_ssize_t named = arguments.names == nullptr ? 0 : PyTuple_GET_SIZE(arguments.names);
  for (Py_ssize_t at = 0; at < named; ++at) {
    write_element(site, container, shape, PyTuple_GET_ITEM(arguments.names, at),
                  arguments.values[arguments.count + at], flags);
  }
}

// What other threads may find of it must be known before they can.
void watch_before(const Site& site, PyObject* container, Shape shape, std::uint16_t treatment,
                  const Arguments& arguments) {
  std::uint32_t flags = core::kWrites;
  if ((treatment & kAtomicWrite) != 0) flags |= core::kAtomicStep;
  if ((treatment & kAtomicWithDefault) != 0 && arguments.count > 2) flags |= core::kAtomicStep;
  if ((treatment & kPutsArguments) != 0) {
    for (Py_ssize_t at = 1; at < arguments.count; ++at) publish(container, arguments.values[at]);
  }
  if ((treatment & kPutsAll) != 0) publish_all(container);
  PyObject* const first = arguments.first();
  if ((treatment & kWritesElement) != 0 && first != nullptr) {
    PyObject* const value = arguments.count > 2 ? arguments.values[2] : nullptr;
    write_element(site, container, shape, first, value, flags);
  }
  if ((treatment & kWritesGiven) != 0) write_given(site, container, shape, arguments, flags);
  if ((treatment & kCounts) != 0) flags |= core::kAugmented;
  std::uint8_t effects = core::kNoEffect;
  if ((treatment & kGrowsWhole) != 0) effects |= core::kGrows;
  if ((treatment & kShrinksWhole) != 0) effects |= core::kShrinks;
  if (effects != core::kNoEffect) write_whole(site, container, effects, flags);
}

void watch_after(const Site& site, PyObject* container, Shape shape, std::uint16_t treatment,
                 const Arguments& arguments, PyObject* result) {
  if (is_paired(site)) {
    PyObject* const first = arguments.first();
    if ((treatment & kReadsElement) != 0 && first != nullptr) {
      read_element(site, container, shape, first);
    }
    if ((treatment & kReadsWhole) != 0) read_whole(site, container);
  }
  if ((treatment & kTakesResult) != 0) take(result);
  if ((treatment & kTakesAll) != 0) take_all(container);
}

PyObject* call_method(PyObject* callable, PyObject* const* args, std::size_t nargs,
                      PyObject* names) {
  Site& site = as_changeable_site(callable);
  const Py_ssize_t count = PyVectorcall_NARGS(nargs);
  if (count < 1) return wrong_arguments(site, 1, count);
  PyObject* const container = args[0];
  const Shape shape = shape_of(container);
  const std::size_t passed = static_cast<std::size_t>(count);
  const bool is_container = shape != Shape::none && shape != Shape::iterator;
  const std::uint16_t treatment =
      is_container ? find_treatment(site, container, shape) : std::uint16_t{kNothing};
  if (!is_container || (shape == Shape::other && treatment == kNothing)) {
    std::optional<Within> within;
    if ((site.flags & core::kPaired) != 0) within.emplace(site);
    return PyObject_VectorcallMethod(site.name, args, passed, names);
  }
  const Arguments arguments{args, count, names};
  watch_before(site, container, shape, treatment, arguments);
  PyObject* const result = PyObject_VectorcallMethod(site.name, args, passed, names);
  if (result != nullptr) watch_after(site, container, shape, treatment, arguments, result);
  slow_down_at(site, (treatment & kReadsElement) != 0 ? arguments.first() : nullptr);
  return result;
}

// A method of an object of the program's own.
PyObject* call_object(PyObject* callable, PyObject* const* args, std::size_t nargs,
                      PyObject* names) {
  const Site& site = as_site(callable);
  const Py_ssize_t count = PyVectorcall_NARGS(nargs);
  if (count < 1) return wrong_arguments(site, 1, count);
  PyObject* result = nullptr;
  {
    const Within within(site);
    result = PyObject_VectorcallMethod(site.name, args, static_cast<std::size_t>(count), names);
  }
  if (result != nullptr) slow_down_at(site);
  return result;
}

// An item of a queue, if it is one: by get(), which of other things takes nothing.
PyObject* take_item(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const container = args[0];
  if (shape_of(container) == Shape::queue) {
    write_whole(site, container, core::kShrinks, site.flags);
  }
  return Py_NewRef(container);
}

PyObject* test_truth(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  PyObject* const value = args[0];
  if (tells_its_length(shape_of(value))) read_whole(site, value);
  return Py_NewRef(value);
}

void watch_iteration(const Site& site, PyObject* iterated) {
  PyObject* const container = container_behind(iterated);
  const Shape shape = shape_of(container);
  if (shape == Shape::none || shape == Shape::other) return;
  if (shape == Shape::iterator) {
    advance(site, container);
    return;
  }
  read_whole(site, container);
  take_all(container);
}

PyObject* iterate(PyObject* callable, PyObject* const* args, std::size_t nargs, PyObject*) {
  const Site& site = as_site(callable);
  if (PyVectorcall_NARGS(nargs) != 1) return wrong_arguments(site, 1, PyVectorcall_NARGS(nargs));
  watch_iteration(site, args[0]);
  return Py_NewRef(args[0]);
}

// The built-in functions that a site may stand before, to be known when they are called.
struct Builtins {
  PyObject* len;
  PyObject* next;
  PyObject* setattr;
  PyObject* getattr;
  PyObject* hasattr;
  PyObject* delattr;
  PyObject* vars;
  PyObject* sorted;

  static const Builtins& get() {
    static const Builtins builtins = [] {
      const Ref module(PyImport_ImportModule("builtins"));
      const auto find = [&](const char* name) {
        return PyObject_GetAttrString(module.get(), name);  // kept for ever
      };
      return Builtins{find("len"),     find("next"),    find("setattr"), find("getattr"),
                      find("hasattr"), find("delattr"), find("vars"),    find("sorted")};
    }();
    return builtins;
  }
};

bool is_copying(PyObject* function) {
  return function == reinterpret_cast<PyObject*>(&PyList_Type) ||
         function == reinterpret_cast<PyObject*>(&PyTuple_Type) ||
         function == reinterpret_cast<PyObject*>(&PySet_Type) ||
         function == reinterpret_cast<PyObject*>(&PyFrozenSet_Type) ||
         function == reinterpret_cast<PyObject*>(&PyDict_Type) ||
         function == Builtins::get().sorted;
}

// The same place for an attribute whose name is known at run time only.
void watch_named(const Site& site, PyObject* owner, PyObject* name, PyObject* value,
                 std::uint32_t flags) {
  if (!PyUnicode_CheckExact(name)) return;
  Site named = {};
  named.name = name;
  named.module = site.module;
  named.key = key_of_name(name);
  named.id = site.id;
  named.flags = flags | (site.flags & core::kInit);
  if ((flags & (core::kWrites | core::kDeletes)) != 0) {
    watch_attribute_write(named, owner, value, named.flags);
  } else {
    watch_attribute_read(named, owner, value);
  }
}

void watch_builtin_before(const Site& site, const Arguments& arguments) {
  const Builtins& known = Builtins::get();
  PyObject* const function = arguments.values[0];
  if (function == known.setattr && arguments.count == 4) {
    watch_named(site, arguments.values[1], arguments.values[2], arguments.values[3], core::kWrites);
  } else if (function == known.delattr && arguments.count == 3) {
    watch_named(site, arguments.values[1], arguments.values[2], nullptr, core::kDeletes);
  } else if (function == known.next && arguments.count > 1 &&
             shape_of(arguments.values[1]) == Shape::iterator) {
    advance(site, arguments.values[1]);
  }
}

void watch_builtin_after(const Site& site, const Arguments& arguments, PyObject* result) {
  const Builtins& known = Builtins::get();
  PyObject* const function = arguments.values[0];
  PyObject* const first = arguments.values[1];
  if (function == known.getattr || function == known.hasattr) {
    if (arguments.count > 2) watch_named(site, first, arguments.values[2], result, core::kReads);
    return;
  }
  if (function == known.vars && PyDict_Check(result) && !PyType_Check(first) &&
      !PyModule_Check(first)) {
    Monitor::get().detector().shadow().unite(address_of(first), address_of(result));
    return;
  }
  PyObject* const container = container_behind(first);
  if (!tells_its_length(shape_of(container))) return;
  if (is_paired(site) &&
      (function == known.len || function == reinterpret_cast<PyObject*>(&PyBool_Type) ||
       is_copying(function))) {
    read_whole(site, container);
  }
  if (is_copying(function)) take_all(container);
}

PyObject* call_builtin(PyObject* callable, PyObject* const* args, std::size_t nargs,
                       PyObject* names) {
  const Site& site = as_site(callable);
  const Py_ssize_t count = PyVectorcall_NARGS(nargs);
  if (count < 1) return wrong_arguments(site, 1, count);
  const Arguments arguments{args, count};
  if (count > 1) watch_builtin_before(site, arguments);
  std::optional<Within> within;  // `len(pool)` is what its __len__ looks at
  if ((site.flags & core::kPaired) != 0) within.emplace(site);
  PyObject* const result =
      PyObject_Vectorcall(args[0], args + 1, static_cast<std::size_t>(count - 1), names);
  within.reset();
  if (result != nullptr && count > 1) watch_builtin_after(site, arguments, result);
  slow_down_at(site);
  return result;
}

}  // namespace

vectorcallfunc container_call(SiteKind kind) {
  switch (kind) {
    case SiteKind::method: return call_method;
    case SiteKind::truth: return test_truth;
    case SiteKind::iterate: return iterate;
    case SiteKind::builtin: return call_builtin;
    case SiteKind::call: return call_object;
    case SiteKind::take: return take_item;
    default: return nullptr;
  }
}

std::uint8_t effects_of(SiteKind kind, PyObject* name, std::uint32_t flags) {
  switch (kind) {
    case SiteKind::method: return effects_of_method(text_of_name(name));
    case SiteKind::store_item: return core::kChanges | core::kGrows;
    case SiteKind::touch_key:
      return (flags & core::kDeletes) != 0 ? core::kChanges | core::kShrinks
                                           : core::kChanges | core::kGrows;
    case SiteKind::touch_whole: return core::kGrows | core::kShrinks;
    case SiteKind::take: return core::kShrinks;
    case SiteKind::store_attribute:
    case SiteKind::touch_attribute:
    case SiteKind::store_global:
    case SiteKind::store_cell:
    case SiteKind::builtin:
      return (flags & (core::kWrites | core::kDeletes)) != 0 ? core::kChanges : core::kNoEffect;
    default: return core::kNoEffect;
  }
}

}  // namespace atonce::python::race
