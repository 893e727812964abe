// The child's side: answers the calls that come over the socket, one at a time, with any backend.
#pragma once

#include "base/result.h"
#include "engine/backend.h"

namespace atonce::process {

// Makes the kernel end this process when the thread that started it ends, and a thread of its own
// end the whole process group when the other side of `socket` is closed: whatever runs here then.
// At once after the start.
void live_no_longer_than_parent(int socket);

// Says that the child is ready, and answers calls until the other side is gone.
void serve_calls(int socket, engine::Backend& backend);

// Says that the child cannot start, instead.
void report_failure(int socket, const Error& error);

}  // namespace atonce::process
