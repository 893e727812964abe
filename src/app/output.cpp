#include "app/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace atonce::app {

Output::Output() : data_fd_(dup(STDOUT_FILENO)) { dup2(STDERR_FILENO, STDOUT_FILENO); }

Output::~Output() {
  if (data_fd_ >= 0) close(data_fd_);
}

void Output::line(std::string_view text) { write(std::string(text) + "\n"); }

void Output::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(data_fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
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
