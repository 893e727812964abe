// Standard output as a place for data only.
//
// At start the real standard output is put aside and file descriptor 1 made to point to standard
// error, so that nothing a tool or its C code prints ever mixes with what atonce answers.
// Thread safety: one thread.
#pragma once

#include <string_view>

namespace atonce::app {

class Output final {
 public:
  Output();  // takes descriptor 1 over; once in a process, before anything prints
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Writes the text and a newline. A reader that has gone away is not an error; any other failure
  // is told on standard error, once.
  void line(std::string_view text);
  void write(std::string_view text);

  [[nodiscard]] bool is_terminal() const;
  [[nodiscard]] int fd() const { return data_fd_; }              // for its width and colours
  [[nodiscard]] bool has_failed() const { return has_failed_; }  // some data is lost

  // Gives descriptor 1 back, for a child or an interpreter that takes this process over.
  void restore();

 private:
  void fail(int error);

  int data_fd_;
  bool has_failed_ = false;
};

// The width of the terminal that descriptor `fd` is, or `otherwise`.
[[nodiscard]] int terminal_width(int fd, int otherwise);

// Whether to colour what goes to `fd`: it is a terminal, and NO_COLOR is not set.
[[nodiscard]] bool wants_colour(int fd);

}  // namespace atonce::app
