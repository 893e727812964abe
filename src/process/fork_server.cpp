#include "process/fork_server.h"

#include <charconv>
#include <utility>

#include "process/child.h"
#include "process/frame.h"

namespace atonce::process {
namespace {

std::optional<int> number_in(const Result<Frame>& answer, FrameKind kind) {
  if (!answer || answer->kind != kind || answer->fields.size() != 1) return std::nullopt;
  const std::string& text = answer->fields.front();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

ForkServer::ForkServer(std::unique_ptr<Child> process) : process_(std::move(process)) {}

ForkServer::~ForkServer() = default;

Result<std::shared_ptr<ForkServer>> ForkServer::start(const std::vector<std::string>& command,
                                                      Time deadline, std::optional<int> output) {
  auto process = Child::start(command, output);
  if (!process) return std::unexpected(process.error());
  if (auto ready = (*process)->wait_until_ready(deadline); !ready) {
    return std::unexpected(ready.error());
  }
  return std::shared_ptr<ForkServer>(new ForkServer(*std::move(process)));
}

Result<pid_t> ForkServer::fork(int passed) {
  const std::lock_guard lock(mutex_);
  const auto answer = process_->ask_with(FrameKind::fork, passed);
  if (!answer) return std::unexpected(answer.error());
  if (const auto pid = number_in(answer, FrameKind::forked)) return *pid;
  if (answer->kind == FrameKind::failed && answer->fields.size() == 2) {
    return failure(ErrorCode::unavailable, answer->fields[0], answer->fields[1]);
  }
  return failure(ErrorCode::bad_response, "the process that forks children gave no process id");
}

std::optional<int> ForkServer::reap(pid_t child) {
  const std::lock_guard lock(mutex_);
  if (!process_->is_usable()) return std::nullopt;
  return number_in(process_->ask(FrameKind::reap, {std::to_string(child)}), FrameKind::reaped);
}

}  // namespace atonce::process
