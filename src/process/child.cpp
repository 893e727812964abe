#include "process/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

struct SocketPair {
  int ours;
  int theirs;
};

Result<SocketPair> open_sockets() {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return no_process(errno);
  }
  return SocketPair{.ours = sockets[0], .theirs = sockets[1]};
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

// Whether there is something to be read, or the other side has closed.
bool wait_for_bytes(int socket, Time deadline) {
  if (deadline == Time::max()) return true;  // reading waits by itself
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waited{.fd = socket, .events = POLLIN, .revents = 0};
    const int found =
        poll(&waited, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 1 << 30)));
    if (found > 0) return true;
    if (found == 0) return false;
    if (errno != EINTR) return true;  // reading will say what is wrong
  }
}

// Lets the process end by itself, for a moment; it may be another process's child.
void wait_a_moment_for(pid_t pid) {
  constexpr int kMilliseconds = 100;
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));  // no header fits C++
  if (process < 0) return;  // somebody else has waited for it
  pollfd watched{.fd = process, .events = POLLIN, .revents = 0};
  while (poll(&watched, 1, kMilliseconds) < 0 && errno == EINTR) {
  }
  close(process);
}

std::optional<int> wait_for_own(pid_t pid) {
  int status = 0;
  pid_t waited = 0;
  while ((waited = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  // Something else in this process may have waited for all children.
  return waited == pid ? std::optional(status) : std::nullopt;
}

// What a child has of its parent: standard input is empty, its socket is at kSocket, signals do
// what they do by default, and it leads a group of its own.
class SpawnSettings {
 public:
  SpawnSettings(int socket, std::optional<int> output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output) {
      posix_spawn_file_actions_adddup2(&actions_, *output, STDOUT_FILENO);
      posix_spawn_file_actions_adddup2(&actions_, *output, STDERR_FILENO);
    }
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

Result<std::unique_ptr<Child>> Child::start(const CommandLine& command, std::optional<int> output) {
  const auto pair = open_sockets();
  if (!pair) return std::unexpected(pair.error());
  const auto [ours, theirs] = *pair;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = SpawnSettings(theirs, output).spawn(pid, arguments);
  close(theirs);
  if (error != 0) {
    close(ours);
    return no_process(error);
  }
  return std::unique_ptr<Child>(new Child(pid, ours));
}

Result<std::unique_ptr<Child>> Child::fork(std::shared_ptr<ForkServer> server) {
  const auto pair = open_sockets();
  if (!pair) return std::unexpected(pair.error());
  const auto [ours, theirs] = *pair;
  const auto pid = server->fork(theirs);
  close(theirs);
  if (!pid) {
    close(ours);
    return std::unexpected(pid.error());
  }
  return std::unique_ptr<Child>(new Child(*pid, ours, std::move(server)));
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
  wait_a_moment_for(pid_);
  kill();
  return reap();
}

std::string Child::reap() {
  const std::lock_guard lock(mutex_);
  if (is_reaped_) return "its process has ended";
  const std::optional<int> status = server_ ? server_->reap(pid_) : wait_for_own(pid_);
  is_reaped_ = true;
  return status ? describe_status(*status) : "its process has ended";
}

// The frames of a child come whole: it is only the first byte that may be long in coming.
Result<Frame> Child::read_before(Time deadline) {
  if (!wait_for_bytes(socket_, deadline)) {
    is_usable_ = false;
    kill();
    static_cast<void>(reap());
    return failure(ErrorCode::timed_out, "its process did not answer in time and was ended");
  }
  auto frame = read_frame(socket_);
  if (!frame) return failure(ErrorCode::unavailable, end());
  return frame;
}

Result<void> Child::wait_until_ready(Time deadline) {
  if (is_ready_) return {};
  auto frame = read_before(deadline);
  if (!frame) return std::unexpected(frame.error());
  if (frame->kind == FrameKind::ready) {
    is_ready_ = true;
    if (!frame->fields.empty()) frame->fields.erase(frame->fields.begin());
    ready_fields_ = std::move(frame->fields);
    return {};
  }
  is_usable_ = false;
  if (frame->kind != FrameKind::failed || frame->fields.size() != 2) {
    return failure(ErrorCode::bad_response, "the child process speaks another protocol");
  }
  return failure(ErrorCode::bad_tools, frame->fields[0], frame->fields[1]);
}

Result<Frame> Child::ask(FrameKind kind, const std::vector<std::string_view>& fields,
                         Time deadline) {
  if (!write_frame(socket_, kind, fields)) return failure(ErrorCode::unavailable, end());
  return read_before(deadline);
}

Result<Frame> Child::ask_with(FrameKind kind, int descriptor) {
  if (!write_frame(socket_, kind, {}) || !write_descriptor(socket_, descriptor)) {
    return failure(ErrorCode::unavailable, end());
  }
  return read_before(Time::max());
}

call::Outcome Child::run(const call::ToolSpec& tool, const call::Call& call, Time deadline) {
  const call::Policy& policy = tool.policy;
  const std::string left = milliseconds_left(deadline);
  const std::string memory =
      policy.max_memory_bytes ? std::to_string(*policy.max_memory_bytes) : "";
  const std::string seconds =
      policy.max_processor_time ? std::to_string(policy.max_processor_time->count()) : "";
  const auto frame = ask(FrameKind::run, {tool.name, call.arguments, left, memory, seconds});
  if (!frame) return call::Interrupted{frame.error().message};
  auto outcome = frame->kind == FrameKind::done
                     ? from_fields(frame->fields)
                     : failure(ErrorCode::bad_response, "it is no outcome");
  if (outcome) return *std::move(outcome);
  is_usable_ = false;
  return call::Interrupted{"its process gave an answer that is none"};
}

}  // namespace atonce::process
