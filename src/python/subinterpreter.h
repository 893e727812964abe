// One more interpreter in this process, with the user's tools imported in it: modules, objects and,
// where there is one, the GIL are its own.
//
// pydantic cannot be loaded there, so what comes in and goes out is made in the main interpreter;
// see python/atonce/_host/apart.py for the form of both.
//
// Thread safety: opened, used and destroyed on one thread, attached to neither interpreter between.
#pragma once

#include <Python.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "call/outcome.h"
#include "engine/backend.h"
#include "python/attach.h"

namespace atonce::python {

struct SubinterpreterOptions {
  std::string spec;  // as in LoadOptions
  bool is_module = false;
  std::vector<std::string> search_path = {};  // sys.path of the main interpreter
};

class Subinterpreter final {
 public:
  // `main` is this thread's state of the main interpreter. Errors: bad_tools, when the tools cannot
  // be imported here: a compiled module that bears one interpreter only, for one; internal.
  [[nodiscard]] static Result<std::unique_ptr<Subinterpreter>> open(
      const ThreadState& main, const SubinterpreterOptions& options);
  ~Subinterpreter();  // waits for threads that the tools have started
  Subinterpreter(const Subinterpreter&) = delete;
  Subinterpreter& operator=(const Subinterpreter&) = delete;

  // What a call gave: an outcome, or a result that is still to become JSON.
  struct Pickled {
    std::string result;
  };
  using Answer = std::variant<call::Outcome, Pickled>;

  // Calls the tool of that name on the pickled (args, kwargs). `is_pickled` asks for the result in
  // that form, whatever it is. A running call cannot be interrupted.
  [[nodiscard]] Answer call(const std::string& tool, const std::string& arguments, bool is_pickled,
                            const engine::CallControl& control);

 private:
  explicit Subinterpreter(PyThreadState* state) : state_(state) {}
  [[nodiscard]] Result<void> load(const Attached& py, const SubinterpreterOptions& options);

  PyThreadState* const state_;
  PyObject* tools_ = nullptr;  // name -> ToolApart; owned, as is
  PyObject* call_ = nullptr;   // apart.call
};

}  // namespace atonce::python
