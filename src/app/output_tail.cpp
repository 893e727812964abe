#include "app/output_tail.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace atonce::app {
namespace {

constexpr std::size_t kMostBytes = 8'192;
constexpr std::size_t kPieceBytes = 65'536;
constexpr int kMostPieces = 64;  // at a time: who prints for ever is not to be waited for

}  // namespace

OutputTail::OutputTail() : end_(eventfd(0, EFD_CLOEXEC)) {
  if (end_ < 0 || pipe2(pipe_.data(), O_CLOEXEC) != 0) return;
  fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
  reader_ = std::thread([this] { read_on(); });
}

OutputTail::~OutputTail() {
  if (reader_.joinable()) {
    const std::uint64_t one = 1;
    static_cast<void>(!write(end_, &one, sizeof one));
    reader_.join();
  }
  for (const int fd : {end_, pipe_[0], pipe_[1]}) {
    if (fd >= 0) close(fd);
  }
}

std::optional<int> OutputTail::fd() const {
  return reader_.joinable() ? std::optional(pipe_[1]) : std::nullopt;
}

std::size_t OutputTail::bytes() {
  const std::lock_guard lock(mutex_);
  take_what_is_there();
  return bytes_;
}

std::string OutputTail::last_words(std::size_t from) {
  const std::lock_guard lock(mutex_);
  take_what_is_there();
  return error_at_ >= from ? error_ : "";
}

// Others may print as much at the same time, and so push the line out of the tail before anybody
// asks for it.
void OutputTail::remember_error() {
  const std::size_t found = tail_.rfind("Fatal Python error: ");
  if (found == std::string::npos) return;
  error_ = tail_.substr(found, tail_.find('\n', found) - found);
  error_at_ = bytes_ - tail_.size() + found;
}

void OutputTail::read_on() {
  std::array<pollfd, 2> watched{pollfd{.fd = pipe_[0], .events = POLLIN, .revents = 0},
                                pollfd{.fd = end_, .events = POLLIN, .revents = 0}};
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[1].revents != 0) return;
    const std::lock_guard lock(mutex_);
    take_what_is_there();
  }
}

void OutputTail::take_what_is_there() {
  if (pipe_[0] < 0) return;
  std::array<char, kPieceBytes> piece{};
  for (int pieces = 0; pieces < kMostPieces; ++pieces) {
    const ssize_t count = read(pipe_[0], piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes_ += static_cast<std::size_t>(count);
    tail_.append(piece.data(), static_cast<std::size_t>(count));
    remember_error();
    if (tail_.size() > kMostBytes) tail_.erase(0, tail_.size() - kMostBytes);
  }
}

}  // namespace atonce::app
