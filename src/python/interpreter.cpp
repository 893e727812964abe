#include "python/interpreter.h"

#include <pthread.h>

#include <cstddef>
#include <utility>

#include "python/forked.h"
#include "python/race/module.h"

namespace atonce::python {
namespace {

// A PyConfig that is cleared whatever happens.
class Config final {
 public:
  explicit Config(void (*init)(PyConfig*)) { init(&config_); }
  ~Config() { PyConfig_Clear(&config_); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  [[nodiscard]] PyConfig& get() { return config_; }

  void set(wchar_t** field, const std::filesystem::path& value) {
    keep(PyConfig_SetBytesString(&config_, field, value.c_str()));
  }
  void keep(PyStatus status) {
    if (!PyStatus_Exception(status_)) status_ = status;
  }
  [[nodiscard]] const PyStatus& status() const { return status_; }

 private:
  PyConfig config_;
  PyStatus status_ = PyStatus_Ok();
};

std::string message_of(const PyStatus& status) {
  return status.err_msg == nullptr ? "no reason given" : status.err_msg;
}

void append_paths(const Attached&, const std::vector<std::filesystem::path>& paths) {
  PyObject* const search_path = PySys_GetObject("path");  // borrowed; sys keeps it
  for (const auto& path : paths) {
    const Ref text(PyUnicode_DecodeFSDefault(path.c_str()));
    if (text && search_path != nullptr) PyList_Append(search_path, text.get());
  }
  PyErr_Clear();
}

// CPython counts calls in C code, not bytes: it lets in some ten thousand, each of up to a kilobyte
// and more, where a thread's usual 8 MiB (2 MiB under `ulimit -s unlimited`) end before the count
// does. Memory that is not used costs nothing.
constexpr std::size_t kStackBytes = std::size_t{16} << 20;

void widen_stacks() {
  pthread_attr_t attributes;
  std::size_t bytes = 0;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  if (pthread_attr_getstacksize(&attributes, &bytes) == 0 && bytes < kStackBytes &&
      pthread_attr_setstacksize(&attributes, kStackBytes) == 0) {
    pthread_setattr_default_np(&attributes);
  }
  pthread_attr_destroy(&attributes);
}

// Tools print and open files as UTF-8. An isolated Python does not ask the locale and takes ASCII.
PyStatus choose_utf8() {
  PyPreConfig before;
  PyPreConfig_InitIsolatedConfig(&before);
  before.utf8_mode = 1;
  return Py_PreInitialize(&before);
}

}  // namespace

Interpreter::Interpreter()
    : interpreter_(PyInterpreterState_Get()), main_thread_(PyEval_SaveThread()) {}

Result<std::unique_ptr<Interpreter>> Interpreter::start(const InterpreterOptions& options) {
  widen_stacks();
  watch_forks();
  race::add_module();
  Config config(PyConfig_InitIsolatedConfig);
  config.keep(choose_utf8());
  config.set(&config.get().home, options.home);
  config.set(&config.get().executable, options.executable);
  config.set(&config.get().program_name, options.executable);
  config.get().buffered_stdio = 0;
  config.get().faulthandler = 1;  // a crash in a tool's C code says where
  set_gil_mode(config.get(), options.gil);
  config.keep(Py_InitializeFromConfig(&config.get()));
  if (PyStatus_Exception(config.status())) {
    return failure(ErrorCode::internal, "Python did not start: " + message_of(config.status()),
                   "run `atonce doctor`, or `make build` again if Python was moved");
  }
  std::unique_ptr<Interpreter> interpreter(new Interpreter);
  append_paths(Attached(interpreter->main_thread_), options.package_paths);
  return interpreter;
}

Interpreter::~Interpreter() {
  if (is_abandoned_) return;
  PyEval_RestoreThread(main_thread_);
  Py_FinalizeEx();
}

int run_as_python(const InterpreterOptions& options, const std::vector<std::string>& arguments) {
  race::add_module();
  Config config(PyConfig_InitPythonConfig);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));  // CPython copies them
  }
  config.keep(
      PyConfig_SetBytesArgv(&config.get(), static_cast<Py_ssize_t>(argv.size()), argv.data()));
  config.set(&config.get().program_name, options.executable);
  if (options.gil != GilMode::automatic) set_gil_mode(config.get(), options.gil);
  config.keep(Py_InitializeFromConfig(&config.get()));
  if (PyStatus_IsExit(config.status())) return config.status().exitcode;
  if (PyStatus_Exception(config.status())) {
    std::fprintf(stderr, "error: Python did not start: %s\n", message_of(config.status()).c_str());
    return 2;
  }
  PyThreadState* const state = PyEval_SaveThread();
  append_paths(Attached(state), options.package_paths);
  PyEval_RestoreThread(state);
  return Py_RunMain();
}

}  // namespace atonce::python
