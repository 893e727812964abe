// The end of what child processes print, however much that is; all before it is forgotten, but for
// the last error of Python's own.
//
// Thread safety: all methods from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace atonce::app {

class OutputTail final {
 public:
  OutputTail();
  ~OutputTail();  // whoever still prints then gets SIGPIPE
  OutputTail(const OutputTail&) = delete;
  OutputTail& operator=(const OutputTail&) = delete;

  // Where to print to. Nothing when the system gave no pipe.
  [[nodiscard]] std::optional<int> fd() const;

  // How much has been printed so far.
  [[nodiscard]] std::size_t bytes();

  // What a Python that crashed had to say, if it did after the first `from` bytes: the line that
  // tells of the error.
  [[nodiscard]] std::string last_words(std::size_t from = 0);

 private:
  void read_on();
  // Hold the mutex.
  void take_what_is_there();
  void remember_error();

  std::array<int, 2> pipe_{-1, -1};
  int end_ = -1;  // an event: stop reading
  std::mutex mutex_;
  // Guarded by mutex_.
  std::string tail_;
  std::size_t bytes_ = 0;
  std::string error_;         // the line that tells of it
  std::size_t error_at_ = 0;  // where it begins in all that was printed

  std::thread reader_;
};

}  // namespace atonce::app
