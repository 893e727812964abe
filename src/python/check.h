// What a process of `atonce check` asks of the Python in it: to run calls of tools beside each
// other, or a program, with its detector watching. The Python half is python/atonce/_host/check.
//
// Thread safety: the main thread only; each function attaches it for as long as it asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::python {

// Imports what run_check_round() needs, so that processes forked from this one need not. Nothing
// comes of it where that fails: the round will.
void prepare_check_rounds(const Interpreter& interpreter);

// Runs what the order says (docs/formats/lane.md, in JSON as its answer) with tools that were
// loaded with LoadOptions::is_checked. Once in a process. Errors: internal, with what it raised.
[[nodiscard]] Result<std::string> run_check_round(const Interpreter& interpreter,
                                                  const Toolset& toolset, std::string_view order);

// Arguments to check tool number `tool` with, as JSON texts: those `given`, else those of the
// examples in its docstring, else made up. Errors: bad_tools, saying why there are none.
[[nodiscard]] Result<std::vector<std::string>> make_check_arguments(
    const Interpreter& interpreter, const Toolset& toolset, std::size_t tool, std::size_t count,
    const std::vector<std::string>& given);

// The compiled modules that are imported, but for Python's and atonce's own.
[[nodiscard]] std::vector<std::string> extension_modules(const Interpreter& interpreter);

struct CheckedProgram {
  std::vector<std::string> arguments;  // the file and what it is given; what pytest is given
  bool is_pytest = false;
  int sink = -1;  // a descriptor, for what is found and for what it comes to
  std::uint64_t seed = 0;
  bool perturbs = true;
  std::string delays = "[]";  // where threads are made to wait; see docs/formats/lane.md
  std::vector<std::filesystem::path> user_packages = {};
  std::filesystem::path own_packages = {};
};

// Runs a program to its end, as `python FILE ARGS` does, and returns its exit code. For a process
// that does nothing else. Errors: bad_tools, when it cannot be run at all.
[[nodiscard]] Result<int> run_checked_program(const Interpreter& interpreter,
                                              const CheckedProgram& program);

}  // namespace atonce::python
