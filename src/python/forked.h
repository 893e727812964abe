// Children that tools make with os.fork().
#pragma once

#include "call/outcome.h"

namespace atonce::python {

// Has fork() leave a mark in the child, for end_forked_child(). Once, before tools run.
void watch_forks();

// In a forked child, ends the process with the code that Python would: a child has one thread, and
// the engine that waits for this outcome is not in it. Elsewhere does nothing.
void end_forked_child(const call::Outcome& outcome);

}  // namespace atonce::python
