// The user's tools, loaded: what to call and what everybody else may know of it. Immutable once
// loaded, which is why its objects, alone of all, are shared by the lanes.
//
// Thread safety: load() and private_copy() on the main thread; the rest from any thread.
#pragma once

#include <Python.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "call/tool_spec.h"
#include "python/attach.h"
#include "python/interpreter.h"

namespace atonce::python {

// How a tool gives its result.
enum class ToolKind { function, generator, async_function, async_generator };

// One tool's objects, all owned by the Toolset. See python/atonce/_host/toolset.py for their
// contracts.
struct Tool {
  PyObject* tool;               // the Python-side record, for the slow paths
  PyObject* function;           // what is called
  PyObject* validate;           // JSON bytes -> (args, kwargs); raises ValidationError
  PyObject* serialize;          // result -> JSON bytes; nullptr: pydantic_core.to_json does
  PyObject* context_parameter;  // its name as str; nullptr: the tool wants no Context
  ToolKind kind;
};

// What C++ calls of python/atonce/_host/bridge.py, looked up once.
struct HostFunctions {
  PyObject* to_json;        // pydantic_core.to_json
  PyObject* to_json_names;  // tuple of its keyword names, in the order of to_json_values
  PyObject* to_json_values[3];
  PyObject* revalidate;       // (tool, bytes) -> (args, kwargs), repairing what can be; else raises
  PyObject* explain_invalid;  // (tool, exception, bytes) -> (message, problems JSON)
  PyObject* describe_raised;  // (exception) -> (type, message, traceback)
  PyObject* make_context;     // (deadline, is_stopped, tell or None) -> atonce.Context
  PyObject* drain;            // (generator, tell or None) -> result
  PyObject* is_importing;     // (thread's id) -> bool
  PyObject* run_loop;         // (fd, on_ready): see event_loop.h
  PyObject* start_call;       // (loop, function, args, kwargs, done, tell or None) -> Task
  PyObject* timed_out_type;   // atonce.CallTimedOut
  PyObject* cancelled_type;   // atonce.CallCancelled
};

struct ToolsSource {
  std::string spec;  // file.py, file.py:object, a directory; or a module's name
  // Names of its tools that may not run together, beside what they say themselves.
  std::vector<std::vector<std::string>> serial_groups = {};
};

struct LoadOptions {
  // At least one. Of several, tools of the same name get their source's name before their own.
  std::vector<ToolsSource> sources = {};
  bool is_module = false;  // all of them
  // Declared to OpenAI in the form that it holds a model to, where there is one; a null that this
  // form alone allows then means an absent argument.
  bool is_strict = false;
  // Loads the resources, prompts and completions too, beside which a file need not have tools, and
  // tells MCP what results are. Otherwise none of them is there: pydantic may be needed for it, and
  // takes longer to start than Python.
  bool for_mcp = false;
  std::vector<std::filesystem::path> user_packages = {};  // the tools' environment, before our own
  std::filesystem::path own_packages = {};                // pydantic and what else atonce brings
  bool requires_no_gil = false;
  // For processes that measure (probe.h): they cost time.
  bool watches_locks = false;  // those that the tools make
  bool watches_collector = false;
  // For processes of `atonce check` (check.h): the tools are loaded with the detector's probes.
  bool is_checked = false;
};

class Toolset final {
 public:
  // Imports the user's file. Errors: bad_tools, with the user's own traceback or what is wrong with
  // a declaration; not_found.
  [[nodiscard]] static Result<std::unique_ptr<Toolset>> load(const Interpreter& interpreter,
                                                             const LoadOptions& options);

  // Tools of the same names that see a copy of their own of the user's module: of all of it, or,
  // if there are `names`, of those alone. Errors: bad_tools, when that cannot be done.
  [[nodiscard]] static Result<std::unique_ptr<Toolset>> private_copy(
      const Toolset& toolset, std::span<const std::string> names);

  ~Toolset();  // before the interpreter ends
  Toolset(const Toolset&) = delete;
  Toolset& operator=(const Toolset&) = delete;

  // The tools, and what the file offers beside them (LoadOptions::for_mcp). Calls number the first
  // and then the others: all() has both.
  [[nodiscard]] std::span<const call::ToolSpec> specs() const { return all().first(tool_count_); }
  [[nodiscard]] std::span<const call::ToolSpec> offers() const {
    return all().subspan(tool_count_);
  }
  [[nodiscard]] std::span<const call::ToolSpec> all() const { return specs_; }
  [[nodiscard]] const Tool& tool(std::size_t number) const { return tools_[number]; }
  [[nodiscard]] const HostFunctions& host() const { return host_; }

  // What the person should know: unannotated parameters, a module that turned the GIL on.
  [[nodiscard]] std::span<const std::string> warnings() const { return warnings_; }
  // The modules that turned the GIL on while the tools were loaded.
  [[nodiscard]] std::span<const std::string> gil_enablers() const { return gil_enablers_; }

 private:
  explicit Toolset(const Interpreter& interpreter) : interpreter_(interpreter) {}
  [[nodiscard]] Result<void> fill(const Attached& py, const LoadOptions& options);
  [[nodiscard]] Result<void> fill_privately(const Attached& py, const Toolset& original,
                                            std::span<const std::string> names);
  [[nodiscard]] Result<void> look_up_host(const Attached& py);
  [[nodiscard]] Result<void> add_all(const Attached& py, PyObject* listed);
  [[nodiscard]] Result<void> add(const Attached& py, PyObject* tool);
  void keep_serial(const Attached& py, PyObject* loaded, std::span<const ToolsSource> sources);
  [[nodiscard]] Result<void> judge_gil(const Attached& py, bool requires_no_gil);
  PyObject* keep(Ref object);

  const Interpreter& interpreter_;
  std::vector<call::ToolSpec> specs_;  // those of tools first
  std::size_t tool_count_ = 0;
  std::vector<Tool> tools_;
  std::vector<std::string> warnings_;
  std::vector<std::string> gil_enablers_;
  HostFunctions host_ = {};
  std::vector<PyObject*> kept_;  // every object named above, owned
};

}  // namespace atonce::python
