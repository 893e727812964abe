// A child process for the tests: serves tools that behave as badly as functions can.
// usage: lane_child [broken | forks [threaded]]

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "engine/fakes.h"
#include "process/fork_loop.h"
#include "process/frame.h"
#include "process/lane_server.h"

namespace atonce {
namespace {

using engine::FakeBackend;

call::Outcome eat_memory() {
  std::vector<std::unique_ptr<char[]>> eaten;
  try {
    for (;;) {
      constexpr std::size_t kPiece = std::size_t{1} << 20;
      eaten.push_back(std::make_unique<char[]>(kPiece));
      std::memset(eaten.back().get(), 1, kPiece);
    }
  } catch (const std::bad_alloc&) {
    return call::Raised{.type = "MemoryError", .message = ""};
  }
}

// A process of its own, which would outlive this one if nobody ended it.
call::Outcome start_another() {
  const pid_t pid = fork();
  if (pid == 0) {
    for (;;) pause();
  }
  return call::Returned{std::to_string(pid)};
}

void define_tools(FakeBackend& backend) {
  backend.define("pid", [](auto&, auto&) { return call::Returned{std::to_string(getpid())}; });
  backend.define("echo",
                 [](const call::Call& call, auto&) { return call::Returned{call.arguments}; });
  backend.define("raise", [](auto&, auto&) {
    return call::Raised{.type = "ValueError", .message = "no", .traceback = "line 1"};
  });
  backend.define("crash", [](auto&, auto&) -> call::Outcome {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would only exit
    std::raise(SIGSEGV);
    return call::Returned{"null"};
  });
  backend.define("leave", [](auto&, auto&) -> call::Outcome { _exit(3); });
  backend.define("hang", [](auto&, auto&) -> call::Outcome {
    for (;;) pause();
  });
  backend.define("eat_memory", [](auto&, auto&) { return eat_memory(); });
  backend.define("compute", [](auto&, auto&) -> call::Outcome {
    for (volatile unsigned turns = 0;;) turns = turns + 1;
  });
  backend.define("start_another", [](auto&, auto&) { return start_another(); });
}

// Forks children that serve the tools; `threaded`, has a thread and cannot.
void serve_forking(FakeBackend& backend, bool is_threaded) {
  process::die_with_parent();
  if (is_threaded) {
    std::thread([] {
      for (;;) pause();
    }).detach();
  }
  process::serve_forks(process::kSocket,
                       {.fork = []() -> Result<pid_t> { return fork(); },
                        .serve_calls = [&](int socket) { process::serve_calls(socket, backend); }});
}

}  // namespace
}  // namespace atonce

int main(int count, char** arguments) {
  using namespace atonce;
  const std::vector<std::string> words(arguments + 1, arguments + count);
  engine::FakeBackend backend;
  define_tools(backend);
  if (!words.empty() && words[0] == "forks") {
    serve_forking(backend, words.size() > 1);
    return 0;
  }
  process::live_no_longer_than_parent(process::kSocket);
  if (!words.empty()) {  // broken
    process::report_failure(process::kSocket,
                            {ErrorCode::bad_tools, "no such module", "install it"});
    return 1;
  }
  process::serve_calls(process::kSocket, backend);
}
