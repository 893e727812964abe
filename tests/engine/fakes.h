// What the engine's tests put around it: a clock moved by hand and a backend made of lambdas.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/backend.h"
#include "engine/scheduler.h"

namespace atonce::engine {

// Stands still until advance().
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  Time until) override {
    {
      const std::lock_guard own(mutex_);
      if (now_ >= until) return;
      waiters_.emplace(&wake, lock.mutex());
    }
    wake.wait(lock);
    const std::lock_guard own(mutex_);
    waiters_.erase(waiters_.find(&wake));
  }

  void advance(Duration by) {
    std::multimap<std::condition_variable*, std::mutex*> waiters;
    {
      const std::lock_guard lock(mutex_);
      now_ += by;
      waiters = waiters_;
    }
    for (auto& [wake, mutex] : waiters) {
      {
        const std::lock_guard lock(*mutex);
      }
      wake->notify_all();
    }
  }

 private:
  mutable std::mutex mutex_;
  Time now_{std::chrono::hours(1)};
  std::multimap<std::condition_variable*, std::mutex*> waiters_;
};

// Runs lambdas as tools. An async tool runs on a thread of its own.
class FakeBackend final : public Backend {
 public:
  using Function = std::function<call::Outcome(const call::Call&, CallControl&)>;

  ~FakeBackend() override {
    for (auto& thread : async_) thread.join();
  }

  void define(std::string name, Function function, call::Policy policy = {},
              bool is_async = false) {
    specs_.push_back({.name = std::move(name),
                      .description = "",
                      .input_schema = "{}",
                      .policy = std::move(policy),
                      .is_async = is_async});
    functions_.push_back(std::move(function));
  }

  // What is no tool, and is called as one; after the tools.
  void offer(std::string name, call::Role role, Function function) {
    define(std::move(name), std::move(function));
    specs_.back().role = role;
  }

  // Called when a run is to be interrupted, with its ticket.
  std::function<void(std::uint64_t)> on_interrupt = [](std::uint64_t) {};

  // Called on a lane's thread when it is closed.
  std::function<void()> on_close = [] {};

  [[nodiscard]] std::span<const call::ToolSpec> tools() const override { return specs_; }

  [[nodiscard]] std::unique_ptr<Lane> open_lane(std::size_t number) override {
    return std::make_unique<FakeLane>(*this, "fake-" + std::to_string(number));
  }

  void start_async(std::size_t tool, const call::Call& call, CallControl& control,
                   AsyncDone done) override {
    const std::lock_guard lock(mutex_);
    async_.emplace_back([this, tool, &call, &control, done = std::move(done)]() mutable {
      done(functions_[tool](call, control));
    });
  }

  void interrupt_async(std::uint64_t ticket) override { on_interrupt(ticket); }

 private:
  class FakeLane final : public Lane {
   public:
    FakeLane(FakeBackend& backend, std::string name) : backend_(backend), name_(std::move(name)) {}
    ~FakeLane() override { backend_.on_close(); }
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] call::Outcome run(std::size_t tool, const call::Call& call,
                                    CallControl& control) override {
      return backend_.functions_[tool](call, control);
    }
    void interrupt(std::uint64_t ticket) override { backend_.on_interrupt(ticket); }

   private:
    FakeBackend& backend_;
    std::string name_;
  };

  std::vector<call::ToolSpec> specs_;
  std::vector<Function> functions_;
  std::mutex mutex_;
  std::vector<std::thread> async_;
};

inline FakeBackend::Function returns(std::string json) {
  return [json](const call::Call&, CallControl&) { return call::Returned{json}; };
}

inline call::Plan plan_of(const std::vector<std::string>& names) {
  call::Plan plan;
  for (const std::string& name : names) {
    plan.calls.push_back(
        {.id = std::to_string(plan.calls.size()), .name = name, .arguments = "{}"});
  }
  return plan;
}

// A started turn: its reply to come, and its handle.
struct Started {
  std::future<call::Reply> reply;
  Scheduler::Handle handle;
};

inline Started start(Scheduler& scheduler, call::Plan plan,
                     std::shared_ptr<CallListener> listener = nullptr) {
  auto promise = std::make_shared<std::promise<call::Reply>>();
  auto reply = promise->get_future();
  auto handle = scheduler.start(
      std::move(plan), [promise](call::Reply done) { promise->set_value(std::move(done)); },
      std::move(listener));
  if (!handle) {
    promise->set_exception(std::make_exception_ptr(std::runtime_error(handle.error().message)));
    return {std::move(reply), {}};
  }
  return {std::move(reply), *handle};
}

inline call::Reply run(Scheduler& scheduler, call::Plan plan) {
  return start(scheduler, std::move(plan)).reply.get();
}

}  // namespace atonce::engine
