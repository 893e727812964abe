#include "python/race/module.h"

#include <memory>
#include <string>
#include <utility>

#include "python/convert.h"
#include "python/race/access.h"
#include "python/race/containers.h"
#include "python/race/hooks.h"
#include "python/race/monitor.h"
#include "python/race/properties.h"
#include "python/race/site.h"

namespace atonce::python::race {
namespace {

const Attached kByCaller{Attached::ByCaller{}};

// --- Module objects ---

struct ModuleObject {
  PyObject_HEAD WatchedModule* module;
};

PyObject* make_module(PyTypeObject* type, PyObject* args, PyObject*) {
  const char* name = nullptr;
  const char* file = nullptr;
  if (PyArg_ParseTuple(args, "ss:Module", &name, &file) == 0) return nullptr;
  auto* const self = reinterpret_cast<ModuleObject*>(type->tp_alloc(type, 0));
  if (self != nullptr) self->module = &Monitor::get().add_module(name, file);
  return reinterpret_cast<PyObject*>(self);
}

PyObject* bind_module(PyObject* self, PyObject* names) {
  if (!PyDict_Check(names)) {
    PyErr_SetString(PyExc_TypeError, "bind() wants the module's __dict__");
    return nullptr;
  }
  Monitor::get().bind(*reinterpret_cast<ModuleObject*>(self)->module, names);
  Py_RETURN_NONE;
}

PyMethodDef module_object_methods[] = {
    {"bind", bind_module, METH_O, "The namespace that the module's code runs in."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot module_object_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&make_module)},
    {Py_tp_methods, module_object_methods},
    {0, nullptr},
};
PyType_Spec module_object_spec = {"_atonce_race.Module", sizeof(ModuleObject), 0,
                                  Py_TPFLAGS_DEFAULT, module_object_slots};

// --- What a thread knew, to be handed on ---

struct TokenObject {
  PyObject_HEAD core::Clocks* known;
};

void end_token(PyObject* self) {
  delete reinterpret_cast<TokenObject*>(self)->known;
  Py_TYPE(self)->tp_free(self);
}

PyTypeObject token_type = [] {
  PyTypeObject type{};
  type.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  type.tp_name = "_atonce_race.Token";
  type.tp_basicsize = sizeof(TokenObject);
  type.tp_dealloc = end_token;
  type.tp_flags = Py_TPFLAGS_DEFAULT;
  return type;
}();

PyObject* snapshot(PyObject*, PyObject*) {
  auto* const token = PyObject_New(TokenObject, &token_type);
  if (token != nullptr) token->known = new core::Clocks(Monitor::thread().hand_over());
  return reinterpret_cast<PyObject*>(token);
}

PyObject* join(PyObject*, PyObject* token) {
  if (!Py_IS_TYPE(token, &token_type)) {
    PyErr_SetString(PyExc_TypeError, "join() wants what snapshot() gave");
    return nullptr;
  }
  Monitor::thread().learn(*reinterpret_cast<TokenObject*>(token)->known);
  Py_RETURN_NONE;
}

PyObject* hide(PyObject*, PyObject*) {
  ++Monitor::thread().hidden;
  Py_RETURN_NONE;
}

PyObject* show(PyObject*, PyObject*) {
  core::Thread& thread = Monitor::thread();
  if (thread.hidden > 0) --thread.hidden;
  let_others_in();
  Py_RETURN_NONE;
}

PyObject* let_parent(PyObject*, PyObject*) {
  let_parent_go_on();
  Py_RETURN_NONE;
}

PyObject* perturbs(PyObject*, PyObject*) {
  return PyBool_FromLong(Monitor::get().perturbs() ? 1 : 0);
}

PyObject* watch_objects_again(PyObject*, PyObject*) {
  if (!watch_objects()) return nullptr;
  Py_RETURN_NONE;
}

PyObject* ignore(PyObject*, PyObject* lock) {
  Monitor::get().detector().shadow().of(address_of(lock)).ignore();
  Py_RETURN_NONE;
}

PyObject* publish(PyObject*, PyObject* object) {
  Monitor::get().detector().publish(Monitor::thread(), address_of(object));
  Py_RETURN_NONE;
}

PyObject* take(PyObject*, PyObject* object) {
  Monitor::get().detector().take(Monitor::thread(), address_of(object));
  Py_RETURN_NONE;
}

// --- Sites ---

vectorcallfunc call_of(SiteKind kind) {
  for (const auto find : {attribute_call, item_call, name_call, container_call}) {
    if (const vectorcallfunc found = find(kind)) return found;
  }
  return nullptr;
}

PyObject* make_site(PyObject*, PyObject* args) {
  PyObject* module = nullptr;
  int kind = 0;
  PyObject* name = nullptr;
  const char* text = nullptr;
  int line = 0;
  int end_line = 0;
  const char* function = nullptr;
  unsigned flags = 0;
  if (PyArg_ParseTuple(args, "OiOsiisI:site", &module, &kind, &name, &text, &line, &end_line,
                       &function, &flags) == 0) {
    return nullptr;
  }
  const vectorcallfunc call = call_of(static_cast<SiteKind>(kind));
  if (call == nullptr) return PyErr_Format(PyExc_ValueError, "there is no kind of site %d", kind);
  Monitor& monitor = Monitor::get();
  core::Names& names = monitor.detector().threads().names();
  auto* const watched = reinterpret_cast<ModuleObject*>(module)->module;
  const auto effects = effects_of(static_cast<SiteKind>(kind), name, flags);
  const auto id = monitor.detector().sites().add(
      flags, names.number_of(watched->name + ":" + function), effects);
  if (!id) return PyErr_Format(PyExc_OverflowError, "too many places to watch");
  monitor.describe(*id, {.module = watched, .text = text, .function = function, .line = line});
  auto* const site = PyObject_New(Site, &site_type);
  if (site == nullptr) return nullptr;
  site->call = call;
  site->name = name == Py_None ? nullptr : Py_NewRef(name);
  if (site->name != nullptr) PyUnicode_InternInPlace(&site->name);
  site->module = watched;
  site->held_by = nullptr;
  site->key = site->name == nullptr
                  ? 0
                  : core::key_of(static_cast<std::uint64_t>(PyObject_Hash(site->name)));
  site->id = *id;
  site->flags = flags;
  site->cell = -1;
  site->guards_whole = false;
  new (&site->known) std::atomic<std::uint64_t>(0);
  // It is never counted and never ends.
  Py_SET_REFCNT(reinterpret_cast<PyObject*>(site), Py_ssize_t{1} << 40);
  return reinterpret_cast<PyObject*>(site);
}

// `list[k] = v` does not.
bool may_change_length(const Site& write) {
  const auto effects = Monitor::get().detector().sites().of(write.id).effects;
  return write.call != item_call(SiteKind::store_item) &&
         (effects & (core::kGrows | core::kShrinks)) != 0 &&
         !(write.held_by != nullptr && (write.flags & core::kDeletes) == 0);
}

PyObject* pair(PyObject*, PyObject* args) {
  PyObject* read = nullptr;
  PyObject* write = nullptr;
  int depends = 1;
  if (PyArg_ParseTuple(args, "O!O!|p:pair", &site_type, &read, &site_type, &write, &depends) == 0) {
    return nullptr;
  }
  Monitor::get().detector().sites().pair(as_site(read).id, as_site(write).id, depends != 0);
  if (may_change_length(as_site(write))) as_changeable_site(read).guards_whole = true;
  Py_RETURN_NONE;
}

PyObject* pair_by_call(PyObject*, PyObject* args) {
  PyObject* read = nullptr;
  PyObject* write = nullptr;
  core::DecidedCall call;
  if (PyArg_ParseTuple(args, "O!O!ii:pair_by_call", &site_type, &read, &site_type, &write,
                       &call.first_line, &call.last_line) == 0) {
    return nullptr;
  }
  call.read = as_site(read).id;
  Monitor::get().detector().sites().pair_by_call(call, as_site(write).id);
  if (may_change_length(as_site(write))) as_changeable_site(read).guards_whole = true;
  Py_RETURN_NONE;
}

// --- A run ---

bool wait_at(PyObject* places) {
  if (places == nullptr || places == Py_None) return true;
  const Ref list(PySequence_List(places));
  if (!list) return false;
  for (Py_ssize_t at = 0; at < PyList_GET_SIZE(list.get()); ++at) {
    const Ref place(PySequence_Tuple(PyList_GET_ITEM(list.get(), at)));
    const char* file = nullptr;
    int line = 0;
    const char* element = "";
    if (!place || PyArg_ParseTuple(place.get(), "si|s", &file, &line, &element) == 0) return false;
    Monitor::get().wait_at({.file = file, .line = line, .element = element});
  }
  return true;
}

PyObject* start(PyObject*, PyObject* options) {
  if (!PyDict_Check(options)) {
    PyErr_SetString(PyExc_TypeError, "start() wants a dict of options");
    return nullptr;
  }
  Options read;
  if (PyObject* const seed = PyDict_GetItemString(options, "seed")) {
    read.seed = PyLong_AsUnsignedLongLongMask(seed);
  }
  if (PyObject* const perturb = PyDict_GetItemString(options, "perturb")) {
    read.perturbs = PyObject_IsTrue(perturb) == 1;
  }
  if (PyObject* const patient = PyDict_GetItemString(options, "patient")) {
    read.is_patient = PyObject_IsTrue(patient) == 1;
  }
  if (PyObject* const sink = PyDict_GetItemString(options, "sink_fd")) {
    read.sink = static_cast<int>(PyLong_AsLong(sink));
  }
  if (PyErr_Occurred() != nullptr) return nullptr;
  Monitor::get().start(read);
  if (!wait_at(PyDict_GetItemString(options, "delay_sites"))) return nullptr;
  Py_RETURN_NONE;
}

PyObject* stop(PyObject*, PyObject*) {
  Options options = Monitor::get().options();
  options.perturbs = false;
  Monitor::get().start(options);
  Py_RETURN_NONE;
}

PyObject* take_findings(PyObject*, PyObject*) {
  const std::string findings = Monitor::get().take_findings();
  return PyUnicode_DecodeUTF8(findings.data(), static_cast<Py_ssize_t>(findings.size()), "replace");
}

PyObject* know_queue_type(PyObject*, PyObject* type) {
  if (!PyType_Check(type)) {
    PyErr_SetString(PyExc_TypeError, "know_queue() wants a class");
    return nullptr;
  }
  know_queue(reinterpret_cast<PyTypeObject*>(type));
  Py_RETURN_NONE;
}

PyObject* set_thread_label(PyObject*, PyObject* label) {
  core::Names& names = Monitor::get().detector().threads().names();
  const bool is_none = label == Py_None;
  Monitor::thread().set_call(is_none ? 0 : names.number_of(to_text(kByCaller, label)));
  Py_RETURN_NONE;
}

PyObject* most_threads(PyObject*, PyObject*) {
  return PyLong_FromUnsignedLong(Monitor::get().detector().threads().most_at_once());
}

PyMethodDef methods[] = {
    {"site", make_site, METH_VARARGS,
     "A place of a module: site(module, kind, name, text, line, end_line, function, flags)."},
    {"pair", pair, METH_VARARGS, "A read comes before a write: pair(read, write, depends)."},
    {"pair_by_call", pair_by_call, METH_VARARGS,
     "The write is in a function that is called from these lines because of the read:"
     " pair_by_call(read, write, first_line, last_line)."},
    {"snapshot", snapshot, METH_NOARGS, "What this thread knows now, for another's join()."},
    {"join", join, METH_O, "To know what the thread knew that took the snapshot."},
    {"hide", hide, METH_NOARGS, "This thread's locks are not watched until show()."},
    {"show", show, METH_NOARGS, "Ends the last hide()."},
    {"let_parent_go_on", let_parent, METH_NOARGS,
     "This thread has just begun; its parent may begin others first."},
    {"perturbs", perturbs, METH_NOARGS, "Whether threads are made to wait here and there."},
    {"watch_objects", watch_objects_again, METH_NOARGS,
     "Takes the place again that tracemalloc has taken, before what it has put there."},
    {"ignore", ignore, METH_O, "This lock makes no order: it is the library's own."},
    {"know_queue", know_queue_type, METH_O, "Objects of this class are queues: put(), get()."},
    {"publish", publish, METH_O, "A reference to the object is put where others may find it."},
    {"take", take, METH_O, "A reference to the object was found."},
    {"start", start, METH_O, "Begins a run with a dict of options."},
    {"stop", stop, METH_NOARGS, "Ends the run: nothing is slowed down any more."},
    {"take_findings", take_findings, METH_NOARGS, "What was found since last asked, as JSON."},
    {"set_thread_label", set_thread_label, METH_O, "The call that this thread runs, or None."},
    {"most_threads", most_threads, METH_NOARGS, "How many threads there were at once, at most."},
    {nullptr, nullptr, 0, nullptr},
};

// The lock around the list of threads, which every thread takes as it begins and ends: it would put
// one thread's work before the beginning of the next.
bool ignore_list_of_threads() {
  const Ref threading(PyImport_ImportModule("threading"));
  const Ref lock(threading ? PyObject_GetAttrString(threading.get(), "_active_limbo_lock")
                           : nullptr);
  if (lock) Monitor::get().detector().shadow().of(address_of(lock.get())).ignore();
  return lock != nullptr;
}

int execute(PyObject* module) {
  if (PyType_Ready(&site_type) < 0 || PyType_Ready(&token_type) < 0) return -1;
  if (!ready_stand_ins()) return -1;
  const Ref type(PyType_FromSpec(&module_object_spec));
  if (!type || PyModule_AddObjectRef(module, "Module", type.get()) < 0) return -1;
  core::Names& names = Monitor::get().detector().threads().names();
  Monitor::thread().set_name(names.number_of("MainThread"));
  const bool is_watched = ignore_list_of_threads() && watch_locks() && watch_threads() &&
                          watch_queues() && watch_objects();
  return is_watched ? 0 : -1;
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(&execute)},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "_atonce_race",
    "The race detector of atonce check.",
    0,
    methods,
    slots,
    nullptr,
    nullptr,
    nullptr,
};

PyObject* init_module() { return PyModuleDef_Init(&definition); }

}  // namespace

void add_module() { PyImport_AppendInittab("_atonce_race", &init_module); }

}  // namespace atonce::python::race
