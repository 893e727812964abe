// One access to something of the program's, as the detector asks about it and reports it.
#pragma once

#include <array>
#include <cstdint>

#include "python/attach.h"
#include "python/race/monitor.h"
#include "python/race/site.h"

namespace atonce::python::race {

[[nodiscard]] core::Stored stored_of(PyObject* value);
// Whether it may change, or leads to something that may.
[[nodiscard]] inline bool is_reference(PyObject* value) {
  PyTypeObject* const type = value == nullptr ? nullptr : Py_TYPE(value);
  if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type) return false;
  return stored_of(value) == core::Stored::reference;
}

// What repr() says, cut off where it is long; "?" when it fails.
[[nodiscard]] std::string text_of(PyObject* object);

// A name's key in an object or a namespace, and an element's in a dictionary or a set: the same for
// `o.x` and `o.__dict__["x"]`. Nothing for what cannot be hashed.
[[nodiscard]] std::uint64_t key_of_name(PyObject* name);
[[nodiscard]] std::optional<std::uint64_t> key_of_element(PyObject* key);

// `cached`: the attribute of a functools.cached_property.
enum class Thing { attribute, cached, global, cell, element, whole, iterator };

class Access final : public core::Subject {
 public:
  // All are borrowed, and stay until the access is over. `name` is an attribute's or an element's
  // key; `value` what is written, or null.
  Access(Thing thing, const Site& site, PyObject* owner, PyObject* name, PyObject* value = nullptr)
      : thing_(thing), site_(site), owner_(owner), name_(name), value_(value) {}

  core::Stored before() override;
  bool is_same() override;
  core::Address frame() override;
  bool is_called_by(const core::DecidedCall& call) override;
  void report(const core::Race& race) override;

 private:
  [[nodiscard]] PyObject* current() const;  // owned; null when there is nothing
  [[nodiscard]] core::Race in_python(core::Race race) const;
  [[nodiscard]] std::string variable() const;
  [[nodiscard]] std::string element() const;
  [[nodiscard]] std::string container() const;  // its type; empty where there is none

  const Thing thing_;
  const Site& site_;
  PyObject* const owner_;
  PyObject* const name_;
  PyObject* const value_;
};

// The attributes that this thread loaded last: the names of the containers in them.
class RecentLoads final {
 public:
  static void add(PyObject* value, PyObject* owner, PyObject* name) {
    Load& load = loads_[next_++ % loads_.size()];
    load = {value, owner, name};
  }
  // "Account.entries", or nothing.
  [[nodiscard]] static std::string name_of(PyObject* value, const SiteText& text);
  // Of the last one whose attribute has that name.
  [[nodiscard]] static std::string name_of_last(std::string_view attribute, const SiteText& text);
  // Of the attribute `key` of the object whose __dict__ this is.
  [[nodiscard]] static std::string name_in_dict(PyObject* names, PyObject* key,
                                                const SiteText& text);

 private:
  struct Load {
    PyObject* value;
    PyObject* owner;  // not owned: used while its frame still holds it
    PyObject* name;
  };
  static thread_local std::array<Load, 8> loads_;
  static thread_local unsigned next_;
};

[[nodiscard]] std::string name_of_attribute(PyObject* owner, PyObject* name, const SiteText& text);

// A cycle of locks.
void report_cycle(const std::vector<core::LockStep>& cycle);
// What is only warned of: a class statement, an import or a patch in a function.
void report_event(const Site& site);

}  // namespace atonce::python::race
