// The child processes that are there to run calls. They are started when calls need them, kept for
// the next ones, and replaced when they have ended.
//
// Thread safety: all methods from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "process/child.h"
#include "process/fork_server.h"

namespace atonce::process {

struct ChildPoolOptions {
  CommandLine command;      // what starts a child
  bool is_forking = false;  // it starts a process that forks them instead (fork_server.h)
  std::size_t most_children = 4;
  std::size_t spares = 0;  // children to have ready before a call needs them
};

class ChildPool final {
 public:
  explicit ChildPool(ChildPoolOptions options);
  ~ChildPool();  // every child must have been given back; ends them all
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;

  // A child for one call, started if there is none and there may be one more; not waited for to be
  // ready. Waits while all of them are taken, until `gives_up` says so; then null.
  // Errors: as Child::start().
  [[nodiscard]] Result<std::unique_ptr<Child>> take(const std::function<bool()>& gives_up);

  // Gives it back; one that is of no use any more is ended, and a spare takes its place.
  void give_back(std::unique_ptr<Child> child);

  // Makes those who wait in take() ask `gives_up` again.
  void look_again();

 private:
  [[nodiscard]] Result<std::unique_ptr<Child>> start_child();
  void work();  // the thread that starts children: they end with the thread that started them

  const ChildPoolOptions options_;
  std::shared_ptr<ForkServer> server_;  // the thread's own
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Child>> idle_;
  std::size_t alive_ = 0;      // idle, taken or being started
  std::size_t waiting_ = 0;    // in take()
  std::vector<Error> failed_;  // starts that failed, for those who wait
  bool is_ending_ = false;
  std::thread thread_;  // last: uses all of the above
};

}  // namespace atonce::process
