#include "process/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "process/frame.h"
#include "process/outcome_fields.h"

extern char** environ;

namespace atonce::process {
namespace {

std::unexpected<Error> no_process(int error) {
  return failure(ErrorCode::unavailable,
                 std::string("the system gives no child process: ") + std::strerror(error));
}

std::string describe_status(int status) {
  if (WIFEXITED(status)) {
    return "its process ended with exit code " + std::to_string(WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU) return "its process used more processor time than it may";
  const char* const name = sigabbrev_np(signal);
  return "its process was ended by SIG" + std::string(name != nullptr ? name : "?") + " (" +
         strsignal(signal) + ")";
}

std::string milliseconds_left(Time deadline) {
  if (deadline == Time::max()) return {};
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

// Whether it is there to be waited for, or was waited for by somebody else.
bool has_ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid == pid;
}

// What a child has of its parent: standard input is empty, its socket is at kSocket, signals do
// what they do by default, and it leads a group of its own.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, socket, kSocket);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  [[nodiscard]] int spawn(pid_t& pid, std::vector<char*>& arguments) {
    return posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const CommandLine& command) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return no_process(errno);
  }
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = SpawnSettings(sockets[1]).spawn(pid, arguments);
  close(sockets[1]);
  if (error != 0) {
    close(sockets[0]);
    return no_process(error);
  }
  return std::unique_ptr<Child>(new Child(pid, sockets[0]));
}

Child::~Child() {
  kill();
  static_cast<void>(reap());
  close(socket_);
}

void Child::kill() {
  const std::lock_guard lock(mutex_);
  if (is_reaped_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // it may not have made its group yet
}

// It has closed its socket and is about to end, or it has broken the rules: either way it gets a
// moment, for its own exit code, and then it is ended with all that it has started.
std::string Child::end() {
  is_usable_ = false;
  constexpr int kLooks = 100;
  for (int look = 0; look < kLooks && !has_ended(pid_); ++look) usleep(1000);
  kill();
  return reap();
}

std::string Child::reap() {
  const std::lock_guard lock(mutex_);
  if (is_reaped_) return "its process has ended";
  int status = 0;
  pid_t waited = 0;
  while ((waited = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  is_reaped_ = true;
  // Something else in this process may have waited for all children.
  return waited == pid_ ? describe_status(status) : "its process has ended";
}

Result<void> Child::wait_until_ready() {
  if (is_ready_) return {};
  const auto frame = read_frame(socket_);
  if (!frame) return failure(ErrorCode::unavailable, end());
  if (frame->kind == FrameKind::ready) {
    is_ready_ = true;
    return {};
  }
  is_usable_ = false;
  if (frame->kind != FrameKind::failed || frame->fields.size() != 2) {
    return failure(ErrorCode::bad_response, "the child process speaks another protocol");
  }
  return failure(ErrorCode::bad_tools, frame->fields[0], frame->fields[1]);
}

call::Outcome Child::run(const call::ToolSpec& tool, const call::Call& call, Time deadline) {
  const call::Policy& policy = tool.policy;
  const std::string left = milliseconds_left(deadline);
  const std::string memory =
      policy.max_memory_bytes ? std::to_string(*policy.max_memory_bytes) : "";
  const std::string seconds =
      policy.max_processor_time ? std::to_string(policy.max_processor_time->count()) : "";
  const auto asked =
      write_frame(socket_, FrameKind::run, {tool.name, call.arguments, left, memory, seconds});
  if (!asked) return call::Interrupted{end()};
  const auto frame = read_frame(socket_);
  if (!frame) return call::Interrupted{end()};
  auto outcome = frame->kind == FrameKind::done
                     ? from_fields(frame->fields)
                     : failure(ErrorCode::bad_response, "it is no outcome");
  if (outcome) return *std::move(outcome);
  is_usable_ = false;
  return call::Interrupted{"its process gave an answer that is none"};
}

}  // namespace atonce::process
