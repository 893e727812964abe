// The other side of a ForkServer: the process that forks.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"

namespace atonce::process {

struct Forking {
  std::function<Result<pid_t>()> fork;          // as fork(2): 0 in the child
  std::function<void(int socket)> serve_calls;  // in the child; must not return
};

// Says that it is ready and forks a child whenever it is asked, until the other side of `socket` is
// gone. This process must have one thread; where it has more, it says so instead of forking.
void serve_forks(int socket, const Forking& forking);

}  // namespace atonce::process
