// Python's containers, as the detector sees them: elements, and the whole, which grows and shrinks.
#pragma once

#include <cstdint>
#include <optional>

#include "python/race/access.h"
#include "python/race/site.h"

namespace atonce::python::race {

// `other`: has elements that can be replaced, and a way of its own to do so.
enum class Shape { none, list, dict, set, deque, queue, iterator, other };

// These are queues from now on, of the module `queue`; kept for ever. Once, before others use it.
void know_queue(PyTypeObject* type);

// A collections.abc.MutableMapping: its methods mean what a dict's do.
[[nodiscard]] bool is_mapping(PyTypeObject* type);

// What it is, by the C code that its operations run: a subclass with methods of its own counts as
// what it inherits. Of an iterator: one that two threads cannot share.
[[nodiscard]] Shape shape_of_other(PyObject* object);
[[nodiscard]] inline Shape shape_of(PyObject* object) {
  if (PyList_CheckExact(object)) return Shape::list;
  return PyDict_CheckExact(object) ? Shape::dict : shape_of_other(object);
}
// Whether its length and its truth tell what is in it.
[[nodiscard]] inline bool tells_its_length(Shape shape) {
  return shape == Shape::list || shape == Shape::dict || shape == Shape::set ||
         shape == Shape::deque;
}
// A dictionary's view stands for the dictionary. Borrowed.
[[nodiscard]] PyObject* container_behind(PyObject* object);

// Of one element; `key` is an index of a list.
void read_element(const Site& site, PyObject* container, Shape shape, PyObject* key);
void read_element_at(const Site& site, PyObject* list, std::size_t index, PyObject* key);
void write_element(const Site& site, PyObject* container, Shape shape, PyObject* key,
                   PyObject* value, std::uint32_t flags);

// Of the whole.
void read_whole(const Site& site, PyObject* container);
void write_whole(const Site& site, PyObject* container, std::uint8_t effects, std::uint32_t flags);
// An iterator moves on.
void advance(const Site& site, PyObject* iterator);

// References that go into a container, and those that were found in it.
void publish(PyObject* container, PyObject* value);
void publish_all(PyObject* container);
inline void take(PyObject* value) {
  if (is_reference(value)) Monitor::get().detector().take(Monitor::thread(), address_of(value));
}
void take_all(PyObject* container);

}  // namespace atonce::python::race
