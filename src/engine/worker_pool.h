// The threads that run calls. Each owns one lane and runs one call at a time; the pool decides how
// many of them run.
//
// As many calls run at once as there are places (cores). A call that blocks - its thread gets no
// processor time - gives its place to the next in the queue, and the pool grows for it, up to
// max_threads; what is idle for long goes away. Tools seen to block start without a place.
// So calls that sleep all overlap, and calls that compute share the cores without crowding them.
//
// Thread safety: submit() and the readers may be called from any thread; watch() by one thread.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "engine/backend.h"

namespace atonce::engine {

class Turn;
struct Task;
struct ToolState;

struct PoolOptions {
  std::size_t places = 2;         // calls that compute at the same time: the cores
  std::size_t max_threads = 256;  // calls that block at the same time, stuck ones included
  std::chrono::milliseconds idle_life{10'000};  // of a thread beyond the places
};

// One thread and its lane. Public to the scheduler only.
struct Worker {
  std::size_t number = 0;
  std::unique_ptr<Lane> lane = {};
  std::thread thread = {};
  pid_t thread_id = 0;  // the kernel's

  std::mutex mutex = {};  // guards `running`: the timer may answer the call that runs
  Task* running = nullptr;

  // Guarded by the pool's mutex.
  ToolState* tool = nullptr;              // of the task that it has taken and not put down
  bool holds_place = false;               // counts among the places
  bool is_stuck = false;                  // runs a call that has been answered
  std::optional<Duration> cpu_seen = {};  // its processor time when last looked at during this call
  Time seen_at = {};
  std::optional<Time> picked_up_at = {};  // of a call of a tool that may block
};

// A task on a worker, kept alive while this is held.
struct RunningTask {
  std::shared_ptr<Turn> turn;
  Task* task;
  std::string lane;
};

class WorkerPool final {
 public:
  struct Hooks {
    std::function<void(Worker&, Task&)> run;  // runs a task, on the worker's own thread
    std::function<void()> wants_watch;        // watch() has something to do; no lock is held
  };

  WorkerPool(Backend&, Clock&, PoolOptions, Hooks);  // the references must outlive the pool
  ~WorkerPool();                                     // no worker may be left

  // Queues the tasks, in order; threads start or wake as the places allow. Returns is_exhausted():
  // whether nobody is there to run them.
  [[nodiscard]] bool submit(const std::vector<Task*>& tasks);

  // Looks at what the running calls do and moves places from those that block to those that wait.
  // Returns when it wants to look again; Time::max() when nothing waits for a place.
  [[nodiscard]] Time watch(Time now);

  // The running calls whose deadlines have passed at `now`, and the earliest deadline of the
  // others.
  struct Overdue {
    std::vector<RunningTask> tasks;
    Time next = Time::max();
  };
  [[nodiscard]] Overdue overdue(Time now);
  [[nodiscard]] std::vector<RunningTask> running() { return overdue(Time::max()).tasks; }

  // Shows every task that runs, answered or not; with locks held.
  void for_each_running(const std::function<void(const Task&)>& show) const;

  // Interrupts the workers whose calls have been answered by others, and counts them as stuck until
  // their functions return: their places are free for other calls.
  void interrupt_answered();

  // Empties the queue; the caller answers what was in it.
  [[nodiscard]] std::vector<Task*> take_out_all();

  [[nodiscard]] std::size_t queued() const;
  [[nodiscard]] std::size_t threads() const;
  [[nodiscard]] bool is_exhausted() const;  // every thread there may be is stuck

  // Lets idle workers go from now on, and the others after their calls.
  void begin_stop();
  [[nodiscard]] bool wait_until_empty(Time until);  // whether no worker is left
  // Gives up on the workers that are left and returns the names of the tools they run, or their
  // own when they run none and yet cannot leave. Their
  // threads go on, so neither the pool nor the backend may be destroyed.
  [[nodiscard]] std::vector<std::string> abandon();

 private:
  void work(Worker& worker);        // the thread
  Task* take_next(Worker& worker);  // done with the last task; nullptr: leave
  void depart(Worker& worker);      // the thread is about to end

  // All with mutex_ held.
  void put_down(Worker& worker);
  Task* pick_up(Worker& worker);
  void wait_for_work(std::unique_lock<std::mutex>& lock, bool& may_leave);
  bool wake_for_queue();  // as many workers as may start; whether some tasks must wait for a place
  [[nodiscard]] std::size_t startable() const;
  [[nodiscard]] std::size_t place_limit() const { return options_.places * widening_; }
  void release_place(Worker& worker);
  void look_at(Worker& worker, Time now, bool& computes);
  bool add_worker();  // false: the system gives no thread now

  Backend& backend_;
  Clock& clock_;
  const PoolOptions options_;
  const Hooks hooks_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  // for idle workers
  std::condition_variable left_;  // a worker has left
  // Guarded by mutex_.
  std::deque<Task*> queue_;
  std::list<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Worker>> departed_;  // ended threads, to be joined
  std::list<std::unique_ptr<Worker>> abandoned_;   // their threads may still come back to them
  std::size_t numbered_ = 0;
  std::size_t idle_ = 0;      // waiting, and not yet told to wake
  std::size_t waking_ = 0;    // told to wake, and not yet awake
  std::size_t starting_ = 0;  // threads that have not opened their lanes yet
  std::size_t stuck_ = 0;
  std::size_t places_taken_ = 0;
  std::size_t widening_ = 1;  // how many times the places may be given out while all callers block
  Duration look_pause_{};     // until the next look of watch()
  bool is_watched_ = false;   // watch() is due without another wants_watch
  bool is_stopping_ = false;
};

}  // namespace atonce::engine
