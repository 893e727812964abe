#include "app/script_host.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "app/tools_host.h"
#include "base/json.h"
#include "check/run.h"
#include "process/child.h"
#include "process/frame.h"

extern char** environ;

namespace atonce::app {
namespace {

std::unexpected<Error> no_process(int error) {
  return failure(ErrorCode::unavailable,
                 std::string("the system gives no process: ") + std::strerror(error));
}

// A descriptor that is closed when this goes.
class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// How a process is started: with a pipe at kSocket, signals as a fresh program expects them.
class SpawnPlan final {
 public:
  SpawnPlan(int pipe, bool is_shown, bool has_own_group) {
    posix_spawn_file_actions_init(&actions_);
    if (is_shown) {
      posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, input().c_str(), O_RDONLY, 0);
      posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
      posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions_, pipe, process::kSocket);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = has_own_group ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0, or what failed.
  [[nodiscard]] int start(const std::vector<std::string>& command, pid_t& child) const {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return posix_spawnp(&child, words[0], &actions_, &attributes_, words.data(), environ);
  }

 private:
  // A file is opened anew, to be read from its start; by way of this process, because the new one
  // closes its own first.
  static std::string input() {
    struct stat facts{};
    const bool is_file = fstat(STDIN_FILENO, &facts) == 0 && S_ISREG(facts.st_mode);
    return is_file ? "/proc/" + std::to_string(getpid()) + "/fd/0" : "/dev/null";
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Takes what is there; false when the writers are gone.
bool read_some(int pipe, std::string& text) {
  std::array<char, 65'536> buffer{};
  for (;;) {
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

// Reads until the process has ended; what it started may hold the pipe longer. False when the
// deadline comes first.
bool read_to_its_end(int pipe, int process, Time deadline, std::string& text) {
  std::array<pollfd, 2> watched{pollfd{.fd = process, .events = POLLIN, .revents = 0},
                                pollfd{.fd = pipe, .events = POLLIN, .revents = 0}};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const auto wait = static_cast<int>(std::min<long>(left.count(), 1 << 30));
    if (poll(watched.data(), watched.size(), wait) < 0 && errno != EINTR) return false;
    const bool is_open = read_some(pipe, text);
    if (!is_open) watched[1].fd = -1;
    if ((watched[0].revents & POLLIN) != 0) return static_cast<void>(read_some(pipe, text)), true;
  }
}

std::string describe_status(int status) {
  if (WIFEXITED(status)) {
    return "its process ended early with exit code " + std::to_string(WEXITSTATUS(status));
  }
  const char* const name = sigabbrev_np(WTERMSIG(status));
  return "its process was ended by SIG" + std::string(name != nullptr ? name : "?") + " (" +
         strsignal(WTERMSIG(status)) + ")";
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

ScriptProcesses::ScriptProcesses(const CommonSettings& common, std::vector<std::string> arguments,
                                 bool is_pytest)
    : common_(common), arguments_(std::move(arguments)), is_pytest_(is_pytest) {}

std::vector<std::string> ScriptProcesses::command_for(const check::ScriptOrder& order) const {
  CommandOptions options{"--seed", std::to_string(order.seed)};
  if (!order.perturbs) options.emplace_back("--calm");
  if (!order.delays.empty()) {
    json::Writer delays;
    check::write_waits(delays, order.delays);
    options.insert(options.end(), {"--delays", delays.take()});
  }
  if (is_pytest_) options.emplace_back("--pytest");
  options.emplace_back("--");
  options.insert(options.end(), arguments_.begin(), arguments_.end());
  return own_command("check-script", common_, options);
}

Result<check::ScriptRun> ScriptProcesses::run(const check::ScriptOrder& order, Duration limit) {
  const bool is_first = std::exchange(is_first_, false);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return no_process(errno);
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  // One that reads from the terminal must be in the group that has it.
  const bool has_own_group = !is_first || isatty(STDIN_FILENO) == 0;
  pid_t child = 0;
  const int error =
      SpawnPlan(theirs.get(), is_first, has_own_group).start(command_for(order), child);
  if (error != 0) return no_process(error);
  theirs.reset();
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  std::string text;
  const bool has_ended =
      read_to_its_end(ours.get(), process.get(), std::chrono::steady_clock::now() + limit, text);
  kill(has_own_group ? -child : child, SIGKILL);  // with all that it has started
  const int status = wait_for(child);
  orphans_.end();
  check::ScriptRun run = check::read_script_run(text);
  run.is_timed_out = !has_ended;
  run.how = describe_status(status);
  return run;
}

}  // namespace atonce::app
