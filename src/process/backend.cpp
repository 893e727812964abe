#include "process/backend.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

namespace atonce::process {
namespace {

// A lane of the inner backend, and a child for each call that needs one.
class ProcessLane final : public engine::Lane {
 public:
  ProcessLane(std::unique_ptr<engine::Lane> inner, const std::vector<call::ToolSpec>& tools,
              const std::vector<bool>& is_routed, ChildPool& pool)
      : inner_(std::move(inner)), tools_(tools), is_routed_(is_routed), pool_(pool) {}

  [[nodiscard]] std::string_view name() const override { return inner_->name(); }

  [[nodiscard]] call::Outcome run(std::size_t tool, const call::Call& call,
                                  engine::CallControl& control) override {
    if (!is_routed_[tool]) return inner_->run(tool, call, control);
    auto child = pool_.take([&] { return control.is_stopped.load(); });
    if (!child) return call::NotStarted{child.error().message};
    if (!*child) return call::Cancelled{};  // it has been answered already
    call::Outcome outcome = run_on(**child, tools_[tool], call, control);
    pool_.give_back(*std::move(child));
    return outcome;
  }

  void interrupt(std::uint64_t ticket) override {
    {
      const std::lock_guard lock(mutex_);
      if (running_ != nullptr && ticket == ticket_) running_->kill();
    }
    pool_.look_again();
    inner_->interrupt(ticket);
  }

 private:
  [[nodiscard]] call::Outcome run_on(Child& child, const call::ToolSpec& tool,
                                     const call::Call& call, engine::CallControl& control) {
    {
      const std::lock_guard lock(mutex_);
      if (control.is_stopped) return call::Cancelled{};
      running_ = &child;
      ticket_ = control.ticket;
    }
    const auto ready = child.wait_until_ready();
    call::Outcome outcome = ready ? child.run(tool, call, control.deadline)
                                  : call::Outcome{call::NotStarted{ready.error().message}};
    const std::lock_guard lock(mutex_);
    running_ = nullptr;
    return outcome;
  }

  const std::unique_ptr<engine::Lane> inner_;
  const std::vector<call::ToolSpec>& tools_;
  const std::vector<bool>& is_routed_;
  ChildPool& pool_;
  std::mutex mutex_;
  Child* running_ = nullptr;  // guarded by mutex_
  std::uint64_t ticket_ = 0;  // guarded by mutex_
};

Result<Duration> time_echo(Child& child, const std::string& bytes) {
  if (auto ready = child.wait_until_ready(); !ready) return std::unexpected(ready.error());
  const Time start = std::chrono::steady_clock::now();
  if (auto answer = child.ask(FrameKind::echo, {bytes}); !answer) {
    return std::unexpected(answer.error());
  }
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

ProcessBackend::ProcessBackend(engine::Backend& inner, Routed routed, ChildPoolOptions options)
    : inner_(inner), tools_(inner.tools().begin(), inner.tools().end()), pool_(std::move(options)) {
  for (call::ToolSpec& tool : tools_) {
    is_routed_.push_back(routed == Routed::all_tools ||
                         tool.policy.isolation == call::Isolation::process);
    if (is_routed_.back()) tool.is_async = false;
  }
}

ProcessBackend::~ProcessBackend() = default;

std::unique_ptr<engine::Lane> ProcessBackend::open_lane(std::size_t number) {
  return std::make_unique<ProcessLane>(inner_.open_lane(number), tools_, is_routed_, pool_);
}

void ProcessBackend::start_async(std::size_t tool, const call::Call& call,
                                 engine::CallControl& control, AsyncDone done) {
  inner_.start_async(tool, call, control, std::move(done));
}

void ProcessBackend::interrupt_async(std::uint64_t ticket) { inner_.interrupt_async(ticket); }

Result<void> ProcessBackend::prepare(std::size_t children) {
  const auto never = [] { return false; };
  std::vector<std::unique_ptr<Child>> taken;
  Result<void> prepared;
  while (taken.size() < children && prepared) {
    auto child = pool_.take(never);
    if (child) {
      taken.push_back(*std::move(child));
    } else {
      prepared = std::unexpected(child.error());
    }
  }
  for (std::unique_ptr<Child>& child : taken) {
    if (auto ready = child->wait_until_ready(); !ready) prepared = ready;
    pool_.give_back(std::move(child));
  }
  return prepared;
}

Result<Duration> ProcessBackend::echo(const std::string& bytes) {
  auto child = pool_.take([] { return false; });
  if (!child) return std::unexpected(child.error());
  const auto taken = time_echo(**child, bytes);
  pool_.give_back(*std::move(child));
  return taken;
}

}  // namespace atonce::process
