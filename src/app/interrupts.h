// Ctrl-C and SIGTERM, as something that a waiting command can be told of.
//
// Signals are blocked in every thread and taken by one that waits for them, so no code of ours runs
// inside a signal handler. The first signal calls all that was registered, the newest first; a
// second one ends the process at once with code 130 or 143.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

namespace atonce::app {

class Interrupts final {
 public:
  Interrupts();  // before any other thread is started
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // While it lives, the first signal calls `action` on the signal thread; without any, the first
  // signal ends the process.
  class Handler final {
   public:
    Handler(Interrupts& owner, std::function<void()> action);
    ~Handler();
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

   private:
    Interrupts& owner_;
    std::function<void()> previous_;
  };

  [[nodiscard]] bool was_interrupted() const;

  // Leaves signals to whoever takes this process over.
  void give_back();

 private:
  void work();
  void stop();

  mutable std::mutex mutex_;
  std::function<void()> action_;  // guarded by mutex_
  int signals_ = 0;               // guarded by mutex_
  int stop_fd_ = -1;
  int signal_fd_ = -1;
  std::thread thread_;
};

}  // namespace atonce::app
