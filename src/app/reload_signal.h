// SIGHUP, as a call: "read your files again".
#pragma once

#include <functional>
#include <thread>

namespace atonce::app {

class ReloadSignal final {
 public:
  // Calls `reload` on a thread of its own for each SIGHUP. One in a process.
  explicit ReloadSignal(std::function<void()> reload);
  ~ReloadSignal();
  ReloadSignal(const ReloadSignal&) = delete;
  ReloadSignal& operator=(const ReloadSignal&) = delete;

  // Takes the signal again, after Python or a module of the user's has taken it.
  static void claim();

 private:
  int pipe_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace atonce::app
