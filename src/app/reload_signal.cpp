#include "app/reload_signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace atonce::app {
namespace {

constexpr char kStop = 0;
constexpr char kReload = 1;
std::atomic<int> pipe_to_write = -1;  // for the handler

void pass_on(int) {
  const int error = errno;
  static_cast<void>(!write(pipe_to_write.load(), &kReload, 1));
  errno = error;
}

}  // namespace

ReloadSignal::ReloadSignal(std::function<void()> reload) {
  static_cast<void>(!pipe2(pipe_, O_CLOEXEC));
  fcntl(pipe_[1], F_SETFL, O_NONBLOCK);
  pipe_to_write.store(pipe_[1]);
  claim();
  thread_ = std::thread([this, reload = std::move(reload)] {
    char letter = kStop;
    while (read(pipe_[0], &letter, 1) == 1 && letter != kStop) reload();
  });
}

ReloadSignal::~ReloadSignal() {
  std::signal(SIGHUP, SIG_IGN);
  fcntl(pipe_[1], F_SETFL, 0);
  static_cast<void>(!write(pipe_[1], &kStop, 1));
  thread_.join();
  close(pipe_[0]);
  close(pipe_[1]);
}

void ReloadSignal::claim() {
  struct sigaction action{};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

}  // namespace atonce::app
