// Asks a person on the terminal whether a call may run.
#pragma once

#include "app/interrupts.h"
#include "call/call.h"

namespace atonce::app {

// Shows the tool and its exact arguments on standard error and reads the answer from standard
// input: y or yes approves, all else declines, and so does Ctrl-C. Declined, with a note, when one
// of the two is no terminal.
[[nodiscard]] bool ask_approval(const call::Call& call, const Interrupts& interrupts);

}  // namespace atonce::app
