#include "app/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

extern char** environ;

namespace atonce::app {
namespace {

// What posix_spawn is told: which descriptors, and signals as a fresh program expects them.
class SpawnPlan final {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void redirect(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void discard(int fd) {
    posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_WRONLY, 0);
  }

  // The child's process id, or -1.
  [[nodiscard]] pid_t start(const std::vector<std::string>& arguments) const {
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t child = -1;
    return posix_spawnp(&child, argv[0], &actions_, &attributes_, argv.data(), environ) == 0 ? child
                                                                                             : -1;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

int wait_for(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Reads until the writer closes; false when `limit` passed first.
bool read_until_closed(int fd, std::chrono::milliseconds limit, std::string& text) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&watched, 1, static_cast<int>(left.count())) <= 0) return false;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  SpawnPlan plan;
  plan.redirect(STDERR_FILENO, STDOUT_FILENO);
  return wait_for(plan.start(arguments));
}

Finished run_and_catch(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {.exit_code = 127, .output = ""};
  SpawnPlan plan;
  plan.redirect(ends[1], STDOUT_FILENO);
  plan.discard(STDERR_FILENO);
  const pid_t child = plan.start(arguments);
  close(ends[1]);
  Finished finished;
  const bool is_closed = read_until_closed(ends[0], limit, finished.output);
  if (!is_closed && child > 0) kill(child, SIGKILL);
  close(ends[0]);
  finished.exit_code = wait_for(child);
  if (!is_closed) finished.exit_code = 124;
  return finished;
}

}  // namespace atonce::app
