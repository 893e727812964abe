// Running another program and waiting for it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace atonce::app {

// Runs the program with these arguments (the first is its path), its output going to standard
// error. Returns its exit code, 128 + signal if a signal ended it, or 127 if it cannot be started.
[[nodiscard]] int run_program(const std::vector<std::string>& arguments);

struct Finished {
  int exit_code = 0;
  std::string output;  // what it wrote to standard output
};

// The same, with its standard output caught and its standard error thrown away. Killed after
// `limit`, with exit code 124.
[[nodiscard]] Finished run_and_catch(const std::vector<std::string>& arguments,
                                     std::chrono::milliseconds limit);

}  // namespace atonce::app
