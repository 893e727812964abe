#include "python/subinterpreter.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "python/convert.h"
#include "python/invoke.h"

namespace atonce::python {
namespace {

// Held, detached, while an interpreter is made or ended: CPython has known races there (its issue
// 127041), and several at once are no faster.
std::mutex& making() {
  static std::mutex mutex;
  return mutex;
}

PyInterpreterConfig configuration() {
  return {.use_main_obmalloc = 0,
          .allow_fork = 0,
          .allow_exec = 0,
          .allow_threads = 1,
          .allow_daemon_threads = 0,
          .check_multi_interp_extensions = 1,
          .gil = PyInterpreterConfig_OWN_GIL};
}

Ref list_of(const Attached&, const std::vector<std::string>& paths) {
  Ref list(PyList_New(0));
  for (const std::string& path : paths) {
    const Ref text(PyUnicode_DecodeFSDefault(path.c_str()));
    if (!list || !text || PyList_Append(list.get(), text.get()) != 0) return nullptr;
  }
  return list;
}

// A module of atonce's own has to be found before the search path is there.
Ref import_apart(const Attached&, const SubinterpreterOptions& options) {
  const Attached py(Attached::ByCaller{});
  const Ref paths = list_of(py, options.search_path);
  if (!paths || PySys_SetObject("path", paths.get()) != 0) return nullptr;
  return Ref(PyImport_ImportModule("atonce._host.apart"));
}

// Detached, as `main` is.
Result<PyThreadState*> make_interpreter(const ThreadState& main) {
  PyThreadState* state = nullptr;
  PyEval_RestoreThread(main.get());
  const PyInterpreterConfig config = configuration();
  const PyStatus status = Py_NewInterpreterFromConfig(&state, &config);
  PyEval_SaveThread();  // the new one, or if there is none, this thread's own
  if (!PyStatus_Exception(status)) return state;
  return failure(ErrorCode::internal, std::string("Python gives no further interpreter: ") +
                                          (status.err_msg == nullptr ? "" : status.err_msg));
}

std::string member(const Attached& py, PyObject* tuple, Py_ssize_t at) {
  return at < PyTuple_GET_SIZE(tuple) ? to_text(py, PyTuple_GET_ITEM(tuple, at)) : std::string();
}

}  // namespace

Result<std::unique_ptr<Subinterpreter>> Subinterpreter::open(const ThreadState& main,
                                                             const SubinterpreterOptions& options) {
  std::unique_ptr<Subinterpreter> made;
  Result<void> loaded;
  {
    const std::lock_guard alone(making());
    const auto state = make_interpreter(main);
    if (!state) return std::unexpected(state.error());
    made.reset(new Subinterpreter(*state));
    const Attached py(*state);
    loaded = made->load(py, options);
  }
  if (!loaded) return std::unexpected(loaded.error());
  return made;
}

Result<void> Subinterpreter::load(const Attached& py, const SubinterpreterOptions& options) {
  const Ref apart = import_apart(py, options);
  const Ref paths = list_of(py, options.search_path);
  if (!apart || !paths) return std::unexpected(take_error(py));
  call_ = PyObject_GetAttrString(apart.get(), "call");
  tools_ = PyObject_CallMethod(apart.get(), "load", "siO", options.spec.c_str(),
                               options.is_module ? 1 : 0, paths.get());
  if (call_ == nullptr || tools_ == nullptr) return std::unexpected(take_error(py));
  return {};
}

Subinterpreter::~Subinterpreter() {
  const std::lock_guard alone(making());
  PyEval_RestoreThread(state_);
  Py_XDECREF(tools_);
  Py_XDECREF(call_);
  Py_EndInterpreter(state_);
}

Subinterpreter::Answer Subinterpreter::call(const std::string& name, const std::string& arguments,
                                            bool is_pickled, const engine::CallControl& control) {
  const Attached py(state_);
  const ContextLink link(py, control);
  const Ref is_stopped = link.is_stopped(py);
  const Ref tool(PyMapping_GetItemString(tools_, name.c_str()));
  const std::chrono::duration<double> deadline = control.deadline.time_since_epoch();
  const Ref told(tool && is_stopped
                     ? PyObject_CallFunction(call_, "Oy#idO", tool.get(), arguments.data(),
                                             static_cast<Py_ssize_t>(arguments.size()),
                                             is_pickled ? 1 : 0, deadline.count(), is_stopped.get())
                     : nullptr);
  if (!told) return call::Outcome{call::NotStarted{take_error(py).message}};
  const std::string kind = member(py, told.get(), 0);
  if (kind == "json") return call::Outcome{call::Returned{member(py, told.get(), 1)}};
  if (kind == "pickle") return Pickled{member(py, told.get(), 1)};
  return call::Outcome{call::Raised{.type = member(py, told.get(), 1),
                                    .message = member(py, told.get(), 2),
                                    .traceback = member(py, told.get(), 3)}};
}

}  // namespace atonce::python
