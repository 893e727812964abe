#include "app/interrupts.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace atonce::app {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};
constexpr char kStop = 0;  // in the pipe; anything else is a signal's number

std::atomic<int> pipe_to_write = -1;  // for the handler, which has no other way to know
std::atomic<pid_t> owner = 0;

void pass_on(int number) {
  const int error = errno;
  if (getpid() == owner.load()) {
    const char letter = static_cast<char>(number);
    static_cast<void>(write(pipe_to_write.load(), &letter, 1));
  } else {  // a child that a tool has forked: the signal is meant for it alone
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  errno = error;
}

}  // namespace

Interrupts::Interrupts() {
  static_cast<void>(pipe2(pipe_, O_CLOEXEC));
  fcntl(pipe_[1], F_SETFL, O_NONBLOCK);  // a handler must not wait
  pipe_to_write.store(pipe_[1]);
  owner.store(getpid());
  claim();
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { work(); });
}

Interrupts::~Interrupts() { stop(); }

void Interrupts::claim() {
  struct sigaction action{};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  for (const int number : kSignals) sigaction(number, &action, nullptr);
}

void Interrupts::stop() {
  if (!thread_.joinable()) return;
  for (const int number : kSignals) std::signal(number, SIG_DFL);
  static_cast<void>(write(pipe_[1], &kStop, 1));
  thread_.join();
  close(pipe_[0]);
  close(pipe_[1]);
}

void Interrupts::give_back() {
  stop();
  std::signal(SIGPIPE, SIG_DFL);
}

void Interrupts::work() {
  char number = kStop;
  for (;;) {
    const ssize_t count = read(pipe_[0], &number, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1 || number == kStop) return;
    const std::lock_guard acting(acting_mutex_);
    std::function<void()> action;
    {
      const std::lock_guard lock(mutex_);
      action = ++signals_ == 1 ? action_ : nullptr;
    }
    if (!action) _exit(128 + number);
    action();
  }
}

bool Interrupts::was_interrupted() const {
  const std::lock_guard lock(mutex_);
  return signals_ > 0;
}

void Interrupts::forget() {
  const std::lock_guard lock(mutex_);
  signals_ = 0;
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
  {
    const std::lock_guard lock(owner_.mutex_);
    owner_.action_ = std::move(previous_);
  }
  const std::lock_guard waits_for_the_action(owner_.acting_mutex_);
}

}  // namespace atonce::app
