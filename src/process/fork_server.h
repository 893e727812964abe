// A process that has its tools already and forks children from itself: they need no start of their
// own. Only a process with one thread can do that.
//
// The children are not this process's own, so it asks the server how they ended; until then their
// ids stay theirs. They end with the server, and it with the thread that started it.
//
// Thread safety: all methods from any thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace atonce::process {

class Child;

class ForkServer final {
 public:
  // Starts it with a command that serves as fork_loop.h says, and waits until it is ready. What it
  // and its children print goes to `output`, as for Child::start().
  // Errors: as Child::start() and Child::wait_until_ready().
  [[nodiscard]] static Result<std::shared_ptr<ForkServer>> start(
      const std::vector<std::string>& command, Time deadline = Time::max(),
      std::optional<int> output = {});
  ~ForkServer();
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  // Forks a child that answers at the other end of the socket `passed`; its process id.
  // Errors: unavailable; what the server says when it cannot fork.
  [[nodiscard]] Result<pid_t> fork(int passed);

  // Waits for a child that has been ended; its status as of waitpid(), or nothing when the server
  // is gone.
  [[nodiscard]] std::optional<int> reap(pid_t child);

 private:
  explicit ForkServer(std::unique_ptr<Child> process);

  std::mutex mutex_;
  const std::unique_ptr<Child> process_;  // asked under mutex_
};

}  // namespace atonce::process
