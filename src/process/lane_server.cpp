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
#include <cstring>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "process/frame.h"
#include "process/outcome_fields.h"

namespace atonce::process {
namespace {

constexpr std::string_view kVersion = "1";

int socket_to_close = -1;  // for the handler of fork(), which has no other way to know

// The address space in use, from the kernel's own count.
std::size_t used_address_space() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Time deadline_after(const std::string& milliseconds_left) {
  long long count = 0;
  const char* const end = milliseconds_left.data() + milliseconds_left.size();
  if (std::from_chars(milliseconds_left.data(), end, count).ptr != end ||
      milliseconds_left.empty()) {
    return Time::max();
  }
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(count);
}

class Server {
 public:
  Server(int socket, engine::Backend& backend)
      : socket_(socket), backend_(backend), lane_(backend.open_lane(1)) {}

  void serve() {
    for (;;) {
      const auto frame = read_frame(socket_);
      if (!frame || frame->kind != FrameKind::run || frame->fields.size() != 3) return;
      const std::vector<std::string> fields = to_fields(answer(frame->fields));
      const std::vector<std::string_view> views(fields.begin(), fields.end());
      if (!write_frame(socket_, FrameKind::done, views)) return;
    }
  }

 private:
  [[nodiscard]] call::Outcome answer(const std::vector<std::string>& fields) {
    const auto tools = backend_.tools();
    const auto tool = std::ranges::find(tools, fields[0], &call::ToolSpec::name);
    if (tool == tools.end()) return call::NotStarted{"the child has no tool `" + fields[0] + "`"};
    const auto number = static_cast<std::size_t>(tool - tools.begin());
    const call::Call call{.id = "", .name = fields[0], .arguments = fields[1]};
    engine::CallControl control;
    control.ticket = ++tickets_;
    control.deadline = deadline_after(fields[2]);
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

void live_no_longer_than_parent(int socket) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
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

Result<void> limit(const Limits& limits) {
  if (!limits.memory_bytes) return {};
  const rlim_t most = used_address_space() + *limits.memory_bytes;
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  if (setrlimit(RLIMIT_AS, &both) == 0) return {};
  return failure(ErrorCode::internal,
                 std::string("the memory cannot be limited: ") + std::strerror(errno));
}

void serve_calls(int socket, engine::Backend& backend) {
  Server server(socket, backend);
  if (write_frame(socket, FrameKind::ready, {kVersion})) server.serve();
}

void report_failure(int socket, const Error& error) {
  static_cast<void>(write_frame(socket, FrameKind::failed, {error.message, error.hint}));
}

}  // namespace atonce::process
