// What llama.cpp writes to its log, for whoever runs it now.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace atonce::model {

// llama.cpp has one log for the process, so this is the one place where we must have one too. While
// it lives, the lines go to its sink, and the first error is kept for a message.
//
// Thread safety: one at a time; another thread's waits in its constructor.
class LogCapture final {
 public:
  // `sink` must outlive it; it may be empty.
  explicit LogCapture(const std::function<void(std::string_view)>& sink);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // The first error line without llama.cpp's own "function: " in front; empty if there was none.
  [[nodiscard]] std::string first_error() const;

  void take(bool is_error, std::string_view text);  // for llama.cpp's callback

 private:
  std::lock_guard<std::mutex> lock_;
  const std::function<void(std::string_view)>& sink_;
  std::string error_;
};

}  // namespace atonce::model
