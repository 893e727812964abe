#include "python/forked.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace atonce::python {
namespace {

std::atomic<bool> is_forked_child = false;

int exit_code_for(const call::Outcome& outcome) {
  if (std::holds_alternative<call::Returned>(outcome)) return 0;
  const auto* raised = std::get_if<call::Raised>(&outcome);
  if (raised == nullptr || raised->type != "SystemExit") return 1;
  if (raised->message.empty() || raised->message == "None") return 0;
  char* end = nullptr;
  const long code = std::strtol(raised->message.c_str(), &end, 10);
  return *end == '\0' ? static_cast<int>(code) : 1;
}

}  // namespace

void watch_forks() {
  pthread_atfork(nullptr, nullptr, [] { is_forked_child.store(true); });
}

void end_forked_child(const call::Outcome& outcome) {
  if (is_forked_child.load()) _exit(exit_code_for(outcome));
}

Result<pid_t> fork_with_python(const Interpreter& interpreter) {
  const Attached py(interpreter.main_thread());
  PyOS_BeforeFork();
  const pid_t pid = fork();
  const int error = errno;
  if (pid == 0) {
    PyOS_AfterFork_Child();
    is_forked_child.store(false);
    return pid;
  }
  PyOS_AfterFork_Parent();
  if (pid > 0) return pid;
  return failure(ErrorCode::unavailable,
                 std::string("the system gives no child process: ") + std::strerror(error));
}

}  // namespace atonce::python
