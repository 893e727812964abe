#include "app/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "app/report.h"

namespace atonce::app {

// Children of tools must not inherit it: whoever reads the data would wait for their end.
Output::Output() : data_fd_(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)) {
  dup2(STDERR_FILENO, STDOUT_FILENO);
}

Output::~Output() {
  if (data_fd_ >= 0) close(data_fd_);
}

void Output::line(std::string_view text) { write(std::string(text) + "\n"); }

void Output::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(data_fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // somebody who shares the file made it non-blocking
      pollfd output{.fd = data_fd_, .events = POLLOUT, .revents = 0};
      poll(&output, 1, -1);
      continue;
    }
    if (written < 0) return fail(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Output::fail(int error) {
  if (error == EPIPE || std::exchange(has_failed_, true)) return;
  print_error({ErrorCode::internal,
               std::string("cannot write to standard output: ") + std::strerror(error),
               "make room where it goes, or send it elsewhere; what was called has been called"});
}

bool Output::is_terminal() const { return isatty(data_fd_) == 1; }

void Output::restore() { dup2(data_fd_, STDOUT_FILENO); }

int terminal_width(int fd, int otherwise) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : otherwise;
}

bool wants_colour(int fd) {
  const char* const no_colour = std::getenv("NO_COLOR");
  return isatty(fd) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace atonce::app
