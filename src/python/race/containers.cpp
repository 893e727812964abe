#include "python/race/containers.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "python/race/internals.h"

namespace atonce::python::race {
namespace {

PyTypeObject* import_type(const char* module, const char* name) {
  const Ref imported(PyImport_ImportModule(module));
  PyObject* const found = imported ? PyObject_GetAttrString(imported.get(), name) : nullptr;
  PyErr_Clear();
  return reinterpret_cast<PyTypeObject*>(found);  // kept for ever
}

PyTypeObject* deque_type() {
  static PyTypeObject* const type = import_type("collections", "deque");
  return type;
}

// Queue and SimpleQueue; the others are kinds of Queue.
std::array<std::atomic<PyTypeObject*>, 2> queue_types{};

bool is_queue_type(PyTypeObject* type) {
  return std::ranges::any_of(queue_types, [type](const auto& known) {
    PyTypeObject* const queue = known.load(std::memory_order_relaxed);
    return queue != nullptr && PyType_IsSubtype(type, queue) != 0;
  });
}

bool is_iterator_type(PyTypeObject* type) {
  return type == &PyGen_Type || type == &PyListIter_Type || type == &PyTupleIter_Type ||
         type == &PyRangeIter_Type || type == &PyEnum_Type || type == &PyZip_Type ||
         type == &PyMap_Type || type == &PyFilter_Type || type == &PyDictIterKey_Type ||
         type == &PyDictIterValue_Type || type == &PyDictIterItem_Type || type == &PySetIter_Type;
}

Shape shape_of_type(PyTypeObject* type) {
  if (PyType_FastSubclass(type, Py_TPFLAGS_LIST_SUBCLASS)) return Shape::list;
  if (PyType_FastSubclass(type, Py_TPFLAGS_DICT_SUBCLASS)) return Shape::dict;
  if (type == &PySet_Type || PyType_IsSubtype(type, &PySet_Type)) return Shape::set;
  if (type == deque_type() || PyType_IsSubtype(type, deque_type())) return Shape::deque;
  if (is_iterator_type(type)) return Shape::iterator;
  if (is_queue_type(type)) return Shape::queue;
  const bool has_elements =
      type->tp_as_mapping != nullptr && type->tp_as_mapping->mp_ass_subscript != nullptr;
  return has_elements ? Shape::other : Shape::none;
}

core::Place whole_of(core::Block& block, core::Effect effect) {
  const bool grows = effect == core::kGrows;
  return {block, block.at(grows ? core::kGrowKey : core::kShrinkKey), effect, false};
}

// The location of an element; nothing when it cannot be told.
core::Location* find_element(core::Block& block, PyObject* container, Shape shape, PyObject* key) {
  if (shape == Shape::list) {
    if (!PyLong_Check(key)) return nullptr;
    const Py_ssize_t index = PyLong_AsSsize_t(key);
    if (index == -1 && PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      return nullptr;
    }
    const Py_ssize_t from_front = index < 0 ? index + PyList_GET_SIZE(container) : index;
    if (from_front < 0 || from_front >= PyList_GET_SIZE(container)) return nullptr;
    return &block.element(static_cast<std::size_t>(from_front));
  }
  const auto hash = key_of_element(key);
  return hash ? &block.at(*hash) : nullptr;
}

}  // namespace

void know_queue(PyTypeObject* type) {
  for (auto& place : queue_types) {
    PyTypeObject* nothing = nullptr;
    if (place.load() == type) return;
    if (place.compare_exchange_strong(nothing, type)) {
      Py_INCREF(type);
      return;
    }
  }
}

bool is_mapping(PyTypeObject* type) {
  static PyTypeObject* const mapping = import_type("collections.abc", "MutableMapping");
  if (mapping == nullptr) return false;
  const int is =
      PyObject_IsSubclass(reinterpret_cast<PyObject*>(type), reinterpret_cast<PyObject*>(mapping));
  PyErr_Clear();
  return is == 1;
}

Shape shape_of_other(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type ||
      type == &PyTuple_Type || type == &PyRange_Type) {
    return Shape::none;
  }
  return shape_of_type(type);
}

PyObject* container_behind(PyObject* object) {
  if (PyDictViewSet_Check(object) || PyDictValues_Check(object)) {
    return atonce_dict_of_view(object);
  }
  return object;
}

void read_element(const Site& site, PyObject* container, Shape shape, PyObject* key) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(container));
  core::Location* const location = find_element(block, container, shape, key);
  if (location == nullptr) return;
  Access access(Thing::element, site, container, key);
  detector.read(Monitor::thread(), {block, *location, core::kChanges, false}, site.id, access);
}

void read_element_at(const Site& site, PyObject* list, std::size_t index, PyObject* key) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(list));
  Access access(Thing::element, site, list, key);
  detector.read(Monitor::thread(), {block, block.element(index), core::kChanges, false}, site.id,
                access);
}

void write_element(const Site& site, PyObject* container, Shape shape, PyObject* key,
                   PyObject* value, std::uint32_t flags) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(container));
  core::Location* const location = find_element(block, container, shape, key);
  if (location == nullptr) return;
  Access access(Thing::element, site, container, key, value);
  detector.write(Monitor::thread(), {block, *location, core::kChanges, false}, site.id, flags,
                 stored_of(value), access);
}

void read_whole(const Site& site, PyObject* container) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(container));
  core::Thread& thread = Monitor::thread();
  Access access(Thing::whole, site, container, nullptr);
  detector.read(thread, whole_of(block, core::kGrows), site.id, access);
  detector.read(thread, whole_of(block, core::kShrinks), site.id, access);
}

void write_whole(const Site& site, PyObject* container, std::uint8_t effects, std::uint32_t flags) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(container));
  core::Thread& thread = Monitor::thread();
  Access access(Thing::whole, site, container, nullptr);
  for (const core::Effect effect : {core::kGrows, core::kShrinks}) {
    if ((effects & effect) == 0) continue;
    detector.write(thread, whole_of(block, effect), site.id, flags, core::Stored::plain, access);
  }
}

void advance(const Site& site, PyObject* iterator) {
  core::Detector& detector = Monitor::get().detector();
  core::Block& block = detector.shadow().of(address_of(iterator));
  Access access(Thing::iterator, site, iterator, nullptr);
  detector.write(Monitor::thread(), whole_of(block, core::kGrows), site.id,
                 core::kWrites | core::kAugmented, core::Stored::plain, access);
}

void publish(PyObject* container, PyObject* value) {
  if (!is_reference(value)) return;
  core::Detector& detector = Monitor::get().detector();
  core::Thread& thread = Monitor::thread();
  detector.publish(thread, address_of(value));
  publish_all(container);
}

void publish_all(PyObject* container) {
  core::Thread& thread = Monitor::thread();
  core::Block& block = Monitor::get().detector().shadow().of(address_of(container));
  block.with_contents([&](core::VectorClock& known) { known.join(thread.clocks().full); });
  thread.tick();
}

void take_all(PyObject* container) {
  core::Block* const block = Monitor::get().detector().shadow().find(address_of(container));
  if (block == nullptr) return;
  core::VectorClock known;
  block->with_contents([&](const core::VectorClock& contents) { known = contents; });
  Monitor::thread().learn_full(known);
}

}  // namespace atonce::python::race
