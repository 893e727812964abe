// One child process that runs calls, one at a time. It is asked over a socket pair, has a process
// group of its own, and never outlives the thread that started it: the kernel ends it then
// (lane_server.h asks for that), even when this process was killed.
//
// Thread safety: one thread at a time; kill() from any.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "call/call.h"
#include "call/outcome.h"
#include "call/tool_spec.h"
#include "process/fork_server.h"
#include "process/frame.h"

namespace atonce::process {

// The program and its arguments; the child finds its socket at descriptor kSocket (frame.h).
using CommandLine = std::vector<std::string>;

class Child final {
 public:
  // Starts the process and does not wait for it to be ready. To be called on a thread that lives
  // as long as the child. What it prints goes to the descriptor `output`; where there is none, to
  // where this process prints. Errors: unavailable when the system gives no process or descriptor.
  [[nodiscard]] static Result<std::unique_ptr<Child>> start(const CommandLine& command,
                                                            std::optional<int> output = {});

  // As start(), with a process that `server` forks and that ends with it.
  // Errors: as ForkServer::fork().
  [[nodiscard]] static Result<std::unique_ptr<Child>> fork(std::shared_ptr<ForkServer> server);

  ~Child();  // ends the process and all of its group, and waits for its end
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Waits until it may be asked; at once when it was ready before.
  // Errors: what the child says when it cannot start; unavailable, saying how it ended; timed_out,
  // and it is ended then.
  [[nodiscard]] Result<void> wait_until_ready(Time deadline = Time::max());

  // What it said when it was ready, after the version.
  [[nodiscard]] const std::vector<std::string>& ready_fields() const { return ready_fields_; }

  // Asks and waits for the answer, of whatever kind. Errors: as wait_until_ready().
  [[nodiscard]] Result<Frame> ask(FrameKind kind, const std::vector<std::string_view>& fields,
                                  Time deadline = Time::max());

  // The same, handing over a descriptor.
  [[nodiscard]] Result<Frame> ask_with(FrameKind kind, int descriptor);

  // Asks it for one call and waits. A child that ends instead is `interrupted`, saying how it
  // ended; it is of no use afterwards.
  [[nodiscard]] call::Outcome run(const call::ToolSpec& tool, const call::Call& call,
                                  Time deadline);

  [[nodiscard]] bool is_usable() const { return is_usable_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  // Ends it and its group at once; a running run() returns.
  void kill();

 private:
  Child(pid_t pid, int socket, std::shared_ptr<ForkServer> server = nullptr)
      : pid_(pid), socket_(socket), server_(std::move(server)) {}
  [[nodiscard]] Result<Frame> read_before(Time deadline);
  // Both say how the process ended.
  [[nodiscard]] std::string end();  // after an answer that did not come
  [[nodiscard]] std::string reap();

  const pid_t pid_;
  const int socket_;
  const std::shared_ptr<ForkServer> server_;  // which waits for it; null: this process does
  bool is_ready_ = false;
  bool is_usable_ = true;
  std::vector<std::string> ready_fields_;
  std::mutex mutex_;        // a process that was waited for must not be killed: its id is free
  bool is_reaped_ = false;  // guarded by mutex_
};

}  // namespace atonce::process
