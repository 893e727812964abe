#include "process/fork_loop.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "process/frame.h"
#include "process/lane_server.h"

namespace atonce::process {
namespace {

std::size_t count_threads() {
#if defined(__SANITIZE_THREAD__)
  return 1;  // the sanitizer has one of its own, and minds it
#endif
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/task");
  if (folder == nullptr) return 1;
  while (const dirent* const entry = readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(folder);
  return count;
}

[[noreturn]] void become_child(int control, int socket, pid_t server, const Forking& forking) {
  close(control);  // else nobody would see the server end
  setpgid(0, 0);
  live_no_longer_than_parent(socket);
  if (getppid() != server) _exit(1);  // it ended before it could be watched
  forking.serve_calls(socket);
  _exit(0);
}

Result<pid_t> fork_safely(const Forking& forking) {
  if (count_threads() == 1) return forking.fork();
  return failure(ErrorCode::unavailable,
                 "the tools have started threads, and only a process with one thread can be forked "
                 "safely");
}

Result<pid_t> fork_child(int control, const Forking& forking) {
  const auto socket = read_descriptor(control);
  if (!socket) return std::unexpected(socket.error());
  const pid_t server = getpid();
  auto forked = fork_safely(forking);
  if (forked && *forked == 0) become_child(control, *socket, server, forking);
  close(*socket);
  return forked;
}

Result<void> answer_fork(int control, const Forking& forking) {
  const auto forked = fork_child(control, forking);
  if (forked) return write_frame(control, FrameKind::forked, {std::to_string(*forked)});
  return write_frame(control, FrameKind::failed, {forked.error().message, forked.error().hint});
}

Result<void> answer_reap(int control, const std::string& child) {
  pid_t pid = 0;
  std::from_chars(child.data(), child.data() + child.size(), pid);
  int status = 0;
  pid_t waited = 0;
  while ((waited = pid > 0 ? waitpid(pid, &status, 0) : -1) < 0 && errno == EINTR) {
  }
  return write_frame(control, FrameKind::reaped, {waited == pid ? std::to_string(status) : ""});
}

}  // namespace

void serve_forks(int socket, const Forking& forking) {
  if (!report_ready(socket)) return;
  for (;;) {
    const auto frame = read_frame(socket);
    if (!frame) return;
    const bool is_reap = frame->kind == FrameKind::reap && frame->fields.size() == 1;
    if (!is_reap && frame->kind != FrameKind::fork) return;
    if (!(is_reap ? answer_reap(socket, frame->fields[0]) : answer_fork(socket, forking))) return;
  }
}

}  // namespace atonce::process
