// Names for what the detector found, and findings as JSON.
#include <algorithm>
#include <set>
#include <string_view>

#include "base/json.h"
#include "python/convert.h"
#include "python/race/access.h"

namespace atonce::python::race {
namespace {

const Attached kByCaller{Attached::ByCaller{}};

std::string short_name(PyTypeObject* type) {
  const std::string_view name = type->tp_name;
  return std::string(name.substr(name.rfind('.') + 1));
}

// The class whose method the source shows, if the object is one of its kind; else the object's own.
std::string class_of(PyTypeObject* type, const SiteText& text) {
  const std::size_t dot = text.function.rfind('.');
  if (!text.text.starts_with("self.") || dot == std::string::npos) return short_name(type);
  std::string written = text.function.substr(0, dot);
  written = written.substr(written.rfind('.') + 1);
  PyObject* const bases = type->tp_mro;
  for (Py_ssize_t at = 0; bases != nullptr && at < PyTuple_GET_SIZE(bases); ++at) {
    if (short_name(reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(bases, at))) == written) {
      return written;
    }
  }
  return short_name(type);
}

}  // namespace

std::string text_of(PyObject* object) {
  const Ref text(PyObject_Repr(object));
  if (!text) {
    PyErr_Clear();
    return "?";
  }
  std::string told = to_text(kByCaller, text.get());
  constexpr std::size_t kMost = 60;
  if (told.size() > kMost) told = told.substr(0, kMost - 3) + "...";
  return told;
}

namespace {

// A module's variable that is this object: its name.
std::string name_in(const WatchedModule& module, PyObject* object, const std::string& likely) {
  if (module.names == nullptr) return "";
  const Ref named(PyDict_Copy(module.names));
  if (!named) {
    PyErr_Clear();
    return "";
  }
  if (PyDict_GetItemString(named.get(), likely.c_str()) == object) return likely;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t at = 0;
  while (PyDict_Next(named.get(), &at, &key, &value)) {
    if (value == object && PyUnicode_Check(key)) return to_text(kByCaller, key);
  }
  return "";
}

// "grid" of "grid[row]", "self.rows" of "self.rows[-1][0]".
std::string_view without_subscripts(std::string_view text) {
  return text.substr(0, text.find_first_of("[("));
}

std::string name_of_container(PyObject* container, const SiteText& text) {
  std::string name = RecentLoads::name_of(container, text);
  if (!name.empty()) return name;
  if (text.module != nullptr) {
    name = name_in(*text.module, container, text.text);
    if (!name.empty()) return text.module->name + "." + name;
  }
  std::string base(without_subscripts(text.text));
  if (base != text.text) {
    const bool is_call = text.text[base.size()] == '(';  // d.items()
    if (is_call) base = base.substr(0, base.rfind('.'));
    name = RecentLoads::name_of_last(base.substr(base.rfind('.') + 1), text);
    if (!name.empty()) return name;
    if (text.module != nullptr && text.module->names != nullptr &&
        PyDict_GetItemString(text.module->names, base.c_str()) != nullptr) {
      return text.module->name + "." + base;
    }
  }
  return text.function.empty() ? text.text : text.function + "." + text.text;
}

// An element of a namespace is a variable, or an attribute.
std::string name_in_namespace(PyObject* names, PyObject* key, const SiteText& text) {
  if (!PyUnicode_Check(key)) return "";
  if (const auto* const module = Monitor::get().find_module(names)) {
    return module->name + "." + to_text(kByCaller, key);
  }
  return RecentLoads::name_in_dict(names, key, text);
}

void write_locks(json::Writer& writer, const std::vector<core::HeldLock>& held) {
  writer.begin_array();
  for (const core::HeldLock& lock : held) writer.string(Monitor::get().name_of_lock(lock));
  writer.end_array();
}

void write_side(json::Writer& writer, std::string_view operation, core::Epoch epoch,
                const core::Interval& interval) {
  const SiteText text = Monitor::get().text_of(epoch.site());
  core::Names& names = Monitor::get().detector().threads().names();
  writer.begin_object();
  writer.key("op").string(operation);
  writer.key("file").string(text.module == nullptr ? "" : text.module->file);
  writer.key("line").integer(text.line);
  writer.key("function").string(text.function);
  writer.key("thread").string(names.text_of(interval.name));
  writer.key("call").string(names.text_of(interval.call));
  writer.key("text").string(text.text);
  writer.key("locks");
  write_locks(writer, interval.held);
  writer.end_object();
}

core::Interval interval_of(core::Epoch epoch) {
  const core::Thread* const thread = Monitor::get().detector().threads().find(epoch.thread());
  if (thread == nullptr) return {};
  return thread->interval(epoch.clock()).value_or(core::Interval{});
}

std::string sameness_of(std::string_view kind, std::string_view level,
                        std::vector<core::SiteId> sites, bool is_potential, bool is_guess) {
  std::ranges::sort(sites);
  std::string same = std::string(kind) + "/" + std::string(level);
  for (const core::SiteId site : sites) same += "/" + std::to_string(site);
  if (is_potential) same += "/potential";
  if (is_guess) same += "/guess";
  return same;
}

}  // namespace

std::string name_of_attribute(PyObject* owner, PyObject* name, const SiteText& text) {
  const std::string attribute = to_text(kByCaller, name);
  if (PyType_Check(owner)) {
    return short_name(reinterpret_cast<PyTypeObject*>(owner)) + "." + attribute;
  }
  if (PyModule_Check(owner)) {
    const auto* const module = Monitor::get().find_module(PyModule_GetDict(owner));
    const char* const own = PyModule_GetName(owner);
    PyErr_Clear();
    const std::string known = own == nullptr ? "" : own;
    return (module != nullptr ? module->name : known) + "." + attribute;
  }
  return class_of(Py_TYPE(owner), text) + "." + attribute;
}

std::string RecentLoads::name_of(PyObject* value, const SiteText& text) {
  for (unsigned back = 1; back <= loads_.size(); ++back) {
    const Load& load = loads_[(next_ - back) % loads_.size()];
    if (load.value != value || load.name == nullptr) continue;
    const std::string attribute = to_text(kByCaller, load.name);
    if (!text.text.ends_with(attribute))
      continue;  // an older one, perhaps of an object that is gone
    return name_of_attribute(load.owner, load.name, text);
  }
  return "";
}

std::string RecentLoads::name_of_last(std::string_view attribute, const SiteText& text) {
  for (unsigned back = 1; back <= loads_.size(); ++back) {
    const Load& load = loads_[(next_ - back) % loads_.size()];
    if (load.name != nullptr && to_text(kByCaller, load.name) == attribute) {
      return name_of_attribute(load.owner, load.name, text);
    }
  }
  return "";
}

std::string RecentLoads::name_in_dict(PyObject* names, PyObject* key, const SiteText& text) {
  for (const Load& load : loads_) {
    if (load.value == names && load.name != nullptr &&
        PyUnicode_CompareWithASCIIString(load.name, "__dict__") == 0) {
      return name_of_attribute(load.owner, key, text);
    }
  }
  return "";
}

std::string Access::variable() const {
  const SiteText text = Monitor::get().text_of(site_.id);
  switch (thing_) {
    case Thing::attribute:
    case Thing::cached: return name_of_attribute(owner_, name_, text);
    case Thing::global: {
      const auto* const module = Monitor::get().find_module(owner_);
      return (module == nullptr ? std::string() : module->name + ".") + to_text(kByCaller, name_);
    }
    case Thing::cell: {
      const std::size_t dot = text.function.rfind('.');
      const std::string scope =
          dot == std::string::npos ? text.function : text.function.substr(0, dot);
      return scope + "." + to_text(kByCaller, site_.name);
    }
    case Thing::element: {
      const std::string name = name_in_namespace(owner_, name_, text);
      return name.empty() ? name_of_container(owner_, text) : name;
    }
    case Thing::whole:
    case Thing::iterator: return name_of_container(owner_, text);
  }
  return "";
}

std::string Access::element() const {
  return thing_ == Thing::element && name_ != nullptr ? text_of(name_) : std::string();
}

std::string Access::container() const {
  const bool is_of_container =
      thing_ == Thing::element || thing_ == Thing::whole || thing_ == Thing::iterator;
  return is_of_container && owner_ != nullptr ? short_name(Py_TYPE(owner_)) : std::string();
}

// What the detector says, as what it is in Python.
core::Race Access::in_python(core::Race race) const {
  if (thing_ == Thing::iterator) race.kind = core::RaceKind::iterate_mutate;
  if (thing_ == Thing::cached) {
    race.kind = core::RaceKind::check_then_act;
    race.level = is_reference(value_) ? core::Level::error : core::Level::warning;
  }
  return race;
}

void Access::report(const core::Race& found) {
  Monitor& monitor = Monitor::get();
  const core::Race race = in_python(found);
  const std::string_view kind = to_text(race.kind);
  std::vector<core::SiteId> sites;
  for (const core::Side& side : race.sides) sites.push_back(side.epoch.site());
  const std::string same =
      sameness_of(kind, to_text(race.level), sites, race.is_potential, race.is_guess);
  if (monitor.was_told(same)) return;
  PyObject* const raised = PyErr_GetRaisedException();
  json::Writer writer;
  writer.begin_object();
  writer.key("kind").string(kind);
  writer.key("level").string(to_text(race.level));
  writer.key("variable").string(variable());
  writer.key("element").string(element());
  writer.key("container").string(container());
  writer.key("potential").boolean(race.is_potential);
  writer.key("guess").boolean(race.is_guess);
  writer.key("accesses").begin_array();
  for (const core::Side& side : race.sides) {
    write_side(writer, to_text(side.operation), side.epoch, interval_of(side.epoch));
  }
  writer.end_array().end_object();
  monitor.add_finding(same, writer.take());
  PyErr_SetRaisedException(raised);
}

// "a -> b": by where the locks are kept, or as the source says it when that does not tell them
// apart.
static std::string name_of_cycle(const std::vector<core::LockStep>& cycle) {
  Monitor& monitor = Monitor::get();
  std::vector<std::string> places;
  std::vector<std::string> texts;
  for (const core::LockStep& step : cycle) {
    places.push_back(monitor.name_of_lock(step.held));
    texts.push_back(monitor.text_of(step.held.site).text);
  }
  const auto are_distinct = [&](const std::vector<std::string>& names) {
    return std::set(names.begin(), names.end()).size() == cycle.size();
  };
  const bool needs_numbers = !are_distinct(places) && !are_distinct(texts);
  const auto& names = are_distinct(places) || needs_numbers ? places : texts;
  std::string name;
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (at > 0) name += " -> ";
    name += names[at];
    if (needs_numbers) name += " #" + std::to_string(at + 1);
  }
  return name;
}

void report_cycle(const std::vector<core::LockStep>& cycle) {
  Monitor& monitor = Monitor::get();
  std::vector<core::SiteId> sites;
  for (const core::LockStep& step : cycle) {
    sites.push_back(step.held.site);
    sites.push_back(step.taken.site);
  }
  const std::string same = sameness_of("lock_order", "error", sites, false, false);
  if (monitor.was_told(same)) return;
  json::Writer writer;
  writer.begin_object();
  writer.key("kind").string("lock_order").key("level").string("error");
  writer.key("variable").string(name_of_cycle(cycle)).key("element").string("");
  writer.key("potential").boolean(false).key("guess").boolean(false);
  writer.key("accesses").begin_array();
  for (const core::LockStep& step : cycle) {
    core::Interval interval = interval_of(step.when);
    interval.held = {step.held};
    write_side(writer, "acquire", step.when, interval);
  }
  writer.end_array().end_object();
  monitor.add_finding(same, writer.take());
}

void report_event(const Site& site) {
  Monitor& monitor = Monitor::get();
  const core::Thread& thread = Monitor::thread();
  if (thread.call() == 0) return;  // only what calls do
  const std::string same = sameness_of("event", "warning", {site.id}, false, false);
  if (monitor.was_told(same)) return;
  const core::Epoch now = core::Epoch::at(thread.moment(), site.id, 0);
  const std::string_view what = (site.flags & core::kEventClass) != 0    ? "class statement"
                                : (site.flags & core::kEventImport) != 0 ? "import"
                                                                         : "patch";
  json::Writer writer;
  writer.begin_object();
  writer.key("kind").string("data_race").key("level").string("warning");
  writer.key("variable").string(monitor.text_of(site.id).text);
  writer.key("element").string(what);
  writer.key("potential").boolean(false).key("guess").boolean(false);
  writer.key("accesses").begin_array();
  write_side(writer, "write", now, interval_of(now));
  writer.end_array().end_object();
  monitor.add_finding(same, writer.take());
}

}  // namespace atonce::python::race
