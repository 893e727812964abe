// What a process that measures calls asks of the Python in it: what the calls waited for, and what
// there is to know of a tool before it is called.
//
// Thread safety: the main thread only; each method attaches it for as long as it asks.
#pragma once

#include <Python.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::python {

// Of the cyclic garbage collector.
struct CollectorPauses {
  std::size_t collections = 0;
  Duration paused{};  // summed
};

struct LockWait {
  std::string name;   // as the tool's module calls it, or empty
  std::string place;  // "tools.py:12", where it was made
  Duration waited{};  // summed over the threads
  std::uint64_t waits = 0;
};

class Probe final {
 public:
  // Both must outlive it. From here on it sees which module turns the GIL on.
  Probe(const Interpreter& interpreter, const Toolset& toolset);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // Since the last time; with LoadOptions::watches_collector, else nothing.
  [[nodiscard]] Result<CollectorPauses> take_pauses();

  // Since the last time, of the locks that were waited for; with LoadOptions::watches_locks, else
  // none. They are named as the module of tool number `tool` names them.
  [[nodiscard]] Result<std::vector<LockWait>> take_lock_waits(std::size_t tool);

  [[nodiscard]] bool is_gil_on() const;
  // The modules that turned it on, while the tools were loaded and since.
  [[nodiscard]] std::vector<std::string> gil_enablers() const;

  // Plausible arguments of the tool, as JSON text. Errors: bad_tools when none can be made.
  [[nodiscard]] Result<std::string> sample_arguments(std::size_t tool) const;

  // Whether the tool takes these arguments. Errors: bad_input, with what is wrong with them.
  [[nodiscard]] Result<void> check_arguments(std::size_t tool, std::string_view json) const;

  // The arguments, validated, as a pickled dict of keyword arguments: for a Python without
  // pydantic. Errors: bad_tools when they do not fit or one of them cannot be pickled.
  [[nodiscard]] Result<std::string> pickle_arguments(std::size_t tool, std::string_view json) const;

  // What the tool's calls share and might contend for, as its code names it.
  [[nodiscard]] Result<std::vector<std::string>> shared_candidates(std::size_t tool) const;

 private:
  const Interpreter& interpreter_;
  const Toolset& toolset_;
  PyObject* later_enablers_ = nullptr;  // a list that grows; owned
};

}  // namespace atonce::python
