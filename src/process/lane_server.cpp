#include "process/lane_server.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "process/frame.h"
#include "process/outcome_fields.h"

namespace atonce::process {
namespace {

constexpr std::string_view kVersion = "1";

// One that no tool is likely to handle itself.
const int kParentDied = SIGRTMAX - 1;

int socket_to_close = -1;  // for the handler of fork(), which has no other way to know

// Nothing for an empty text.
std::optional<rlim_t> read_number(const std::string& text) {
  rlim_t number = 0;
  const char* const end = text.data() + text.size();
  const bool is_number = std::from_chars(text.data(), end, number).ptr == end && !text.empty();
  return is_number ? std::optional(number) : std::nullopt;
}

// The address space in use, in bytes, from the kernel's own count.
rlim_t used_memory() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

rlim_t used_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<rlim_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1);
}

// While it lives, a resource is limited to what has been used and `more`.
class ScopedLimit {
 public:
  ScopedLimit(__rlimit_resource resource, std::optional<rlim_t> more, rlim_t (*used)())
      : resource_(resource), is_set_(more.has_value()) {
    if (!is_set_) return;
    getrlimit(resource_, &before_);
    rlimit limited = before_;
    limited.rlim_cur = std::min(used() + *more, before_.rlim_max);
    setrlimit(resource_, &limited);
  }
  ~ScopedLimit() {
    if (is_set_) setrlimit(resource_, &before_);
  }
  ScopedLimit(const ScopedLimit&) = delete;
  ScopedLimit& operator=(const ScopedLimit&) = delete;

 private:
  const __rlimit_resource resource_;
  const bool is_set_;
  rlimit before_{};
};

Time deadline_after(std::optional<rlim_t> milliseconds) {
  if (!milliseconds) return Time::max();
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(*milliseconds);
}

class Server {
 public:
  Server(int socket, engine::Backend& backend)
      : socket_(socket), backend_(backend), lane_(backend.open_lane(1)) {}

  void serve() {
    for (;;) {
      const auto frame = read_frame(socket_);
      if (!frame) return;
      if (frame->kind == FrameKind::echo) {
        if (!give(FrameKind::echo, frame->fields)) return;
        continue;
      }
      if (frame->kind != FrameKind::run || frame->fields.size() != 5) return;
      if (!give(FrameKind::done, to_fields(answer(frame->fields)))) return;
    }
  }

 private:
  [[nodiscard]] bool give(FrameKind kind, const std::vector<std::string>& fields) {
    return write_frame(socket_, kind, {fields.begin(), fields.end()}).has_value();
  }

  [[nodiscard]] call::Outcome answer(const std::vector<std::string>& fields) {
    const auto tools = backend_.tools();
    const auto tool = std::ranges::find(tools, fields[0], &call::ToolSpec::name);
    if (tool == tools.end()) return call::NotStarted{"the child has no tool `" + fields[0] + "`"};
    const auto number = static_cast<std::size_t>(tool - tools.begin());
    const call::Call call{.id = "", .name = fields[0], .arguments = fields[1]};
    engine::CallControl control;
    control.ticket = ++tickets_;
    control.deadline = deadline_after(read_number(fields[2]));
    const ScopedLimit memory(RLIMIT_AS, read_number(fields[3]), used_memory);
    const ScopedLimit seconds(RLIMIT_CPU, read_number(fields[4]), used_seconds);
    if (!tool->is_async) return lane_->run(number, call, control);
    std::promise<call::Outcome> done;
    backend_.start_async(number, call, control,
                         [&](call::Outcome outcome) { done.set_value(std::move(outcome)); });
    return done.get_future().get();
  }

  const int socket_;
  engine::Backend& backend_;
  const std::unique_ptr<engine::Lane> lane_;
  std::uint64_t tickets_ = 0;
};

}  // namespace

void die_with_parent() {
  // Not SIGKILL itself, which would end this process alone and leave what a tool has started.
  struct sigaction action{};
  action.sa_handler = [](int) { kill(0, SIGKILL); };
  sigaction(kParentDied, &action, nullptr);
  prctl(PR_SET_PDEATHSIG, kParentDied);
}

void live_no_longer_than_parent(int socket) {
  die_with_parent();
  // What a tool starts must not hold the socket open: the parent sees this process end by it.
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  socket_to_close = socket;
  pthread_atfork(nullptr, nullptr, [] { close(socket_to_close); });
  std::thread([socket] {
    pollfd watched{.fd = socket, .events = POLLRDHUP, .revents = 0};
    while (poll(&watched, 1, -1) < 0 && errno == EINTR) {
    }
    kill(0, SIGKILL);
  }).detach();
}

Result<void> report_ready(int socket) { return write_frame(socket, FrameKind::ready, {kVersion}); }

void serve_calls(int socket, engine::Backend& backend) {
  Server server(socket, backend);
  if (report_ready(socket)) server.serve();
}

void report_failure(int socket, const Error& error) {
  static_cast<void>(write_frame(socket, FrameKind::failed, {error.message, error.hint}));
}

}  // namespace atonce::process
