// The child's side: answers the calls that come over the socket, one at a time, with any backend.
#pragma once

#include "base/result.h"
#include "engine/backend.h"

namespace atonce::process {

// Ends the whole process group, whatever runs here then, when the thread that started this process
// ends (the kernel says so) or the other side of `socket` is closed (a thread of its own looks).
// To be called at once after the start.
void live_no_longer_than_parent(int socket);

// The first half of that, which needs no thread.
void die_with_parent();

// Says that the child is ready. Errors: unavailable.
[[nodiscard]] Result<void> report_ready(int socket);

// Says that the child is ready, and answers calls until the other side is gone.
void serve_calls(int socket, engine::Backend& backend);

// Says that the child cannot start, instead.
void report_failure(int socket, const Error& error);

}  // namespace atonce::process
