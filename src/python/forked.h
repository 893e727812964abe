// Children that tools make with os.fork(), and those that we make of a whole Python.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "call/outcome.h"
#include "python/interpreter.h"

namespace atonce::python {

// Has fork() leave a mark in the child, for end_forked_child(). Once, before tools run.
void watch_forks();

// In a forked child, ends the process with the code that Python would: a child has one thread, and
// the engine that waits for this outcome is not in it. Elsewhere does nothing.
void end_forked_child(const call::Outcome& outcome);

// Forks this process with its Python, as os.fork() does: 0 in the child, whose calls are answered
// like any. On the main thread, which must be the only one. Errors: unavailable.
[[nodiscard]] Result<pid_t> fork_with_python(const Interpreter& interpreter);

}  // namespace atonce::python
