#include "app/interrupts.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <utility>

namespace atonce::app {
namespace {

sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interrupts::Interrupts() : stop_fd_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { work(); });
}

Interrupts::~Interrupts() { stop(); }

void Interrupts::stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  static_cast<void>(write(stop_fd_, &one, sizeof one));
  thread_.join();
  close(signal_fd_);
  close(stop_fd_);
}

void Interrupts::give_back() {
  stop();
  const sigset_t signals = watched_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
}

void Interrupts::work() {
  pollfd watched[] = {{.fd = signal_fd_, .events = POLLIN, .revents = 0},
                      {.fd = stop_fd_, .events = POLLIN, .revents = 0}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signal_fd_, &info, sizeof info) != sizeof info) continue;
    std::function<void()> action;
    {
      const std::lock_guard lock(mutex_);
      action = ++signals_ == 1 ? action_ : nullptr;
    }
    if (!action) _exit(128 + static_cast<int>(info.ssi_signo));
    action();
  }
}

bool Interrupts::was_interrupted() const {
  const std::lock_guard lock(mutex_);
  return signals_ > 0;
}

Interrupts::Handler::Handler(Interrupts& owner, std::function<void()> action) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  previous_ = owner_.action_;
  owner_.action_ = [action = std::move(action), previous = previous_] {
    action();
    if (previous) previous();
  };
}

Interrupts::Handler::~Handler() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.action_ = std::move(previous_);
}

}  // namespace atonce::app
