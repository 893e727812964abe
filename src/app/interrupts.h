// Ctrl-C and SIGTERM, as something that a waiting command can be told of.
//
// The handler only writes to a pipe, and a thread that reads it does the rest. Signals are not
// blocked: programs that tools start would inherit that, and could not be terminated. The first
// signal calls all that was registered, the newest first; a second one ends the process at once
// with code 130 or 143.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

namespace atonce::app {

class Interrupts final {
 public:
  Interrupts();  // one in a process
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // While it lives, the first signal calls `action` on the signal thread; without any, the first
  // signal ends the process.
  class Handler final {
   public:
    Handler(Interrupts& owner, std::function<void()> action);
    ~Handler();  // waits for the action, if it runs now
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

   private:
    Interrupts& owner_;
    std::function<void()> previous_;
  };

  [[nodiscard]] bool was_interrupted() const;

  // The next signal counts as the first one again.
  void forget();

  // Takes the signals again: a module of the user's may have installed handlers of its own, and
  // those of Python would never run, since the main thread waits elsewhere.
  void claim();

  // Leaves signals to whoever takes this process over.
  void give_back();

 private:
  void work();
  void stop();

  std::mutex acting_mutex_;  // held while the action runs; taken before mutex_
  mutable std::mutex mutex_;
  std::function<void()> action_;  // guarded by mutex_
  int signals_ = 0;               // guarded by mutex_
  int pipe_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace atonce::app
