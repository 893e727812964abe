// Starts and stops CPython. Owned by main; there is one in a process.
//
// The configuration is isolated: the user's environment variables and site do not change it, and
// what the tools need to see is put on sys.path later (toolset.h). CPython installs no signal
// handlers; what Python code prints goes out unbuffered.
//
// Thread safety: start, and the destructor, on the main thread only, which is not attached between.
#pragma once

#include <Python.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "python/attach.h"
#include "python/gil.h"

namespace atonce::python {

struct InterpreterOptions {
  std::filesystem::path home = {};                   // the prefix of the CPython installation
  std::filesystem::path executable;                  // what sys.executable says
  std::vector<std::filesystem::path> package_paths;  // searched for `atonce` itself, last
  GilMode gil = GilMode::automatic;
};

class Interpreter final {
 public:
  // Errors: internal, with CPython's own words.
  [[nodiscard]] static Result<std::unique_ptr<Interpreter>> start(
      const InterpreterOptions& options);

  // Finalizes CPython. Every other thread state must be gone. A tool's own thread that never ends
  // would make this wait for ever: see abandon().
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // Leaves CPython as it is, for a process that is about to _exit.
  void abandon() { is_abandoned_ = true; }

  [[nodiscard]] PyInterpreterState* state() const { return interpreter_; }
  [[nodiscard]] PyThreadState* main_thread() const { return main_thread_; }

 private:
  Interpreter();
  PyInterpreterState* interpreter_;
  PyThreadState* main_thread_;
  bool is_abandoned_ = false;
};

// Runs CPython as an interpreter with these arguments (argv[0] included), as `python ARGS...` does,
// and returns its exit code. For a process that does nothing else. `home` is not used: a virtual
// environment's python as `executable` names its own.
[[nodiscard]] int run_as_python(const InterpreterOptions& options,
                                const std::vector<std::string>& arguments);

}  // namespace atonce::python
