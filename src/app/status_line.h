// One line on a terminal that says what is being waited for, and for how long.
//
// Appears when a wait takes longer than a second and goes away when it ends; on anything but a
// terminal nothing is printed.
//
// Thread safety: one thread makes and ends it; it draws from a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace atonce::app {

class StatusLine final {
 public:
  explicit StatusLine(std::string text);  // "waiting for gemini/gemini-flash-latest"
  ~StatusLine();                          // erases the line
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

 private:
  void work();

  const std::string text_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;  // guarded by mutex_
  std::thread thread_;     // not started when standard error is no terminal
};

}  // namespace atonce::app
