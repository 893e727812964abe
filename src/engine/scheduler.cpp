#include "engine/scheduler.h"

#include <algorithm>
#include <utility>

#include "engine/arguments.h"
#include "engine/names.h"

namespace atonce::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetryDelay{100};

milliseconds timeout_of(const call::Call& call, const call::ToolSpec& tool, milliseconds usual) {
  const milliseconds limit = tool.policy.timeout.value_or(usual);
  return call.timeout ? std::min(*call.timeout, limit) : limit;
}

}  // namespace

Scheduler::Scheduler(Backend& backend, Clock& clock, Observer& observer, Random random,
                     Options options)
    : backend_(backend),
      clock_(clock),
      observer_(observer),
      random_(std::move(random)),
      options_(options),
      tools_(backend.tools().size()),
      pool_(backend, clock, options.pool,
            {.run = [this](Worker& worker, Task& task) { run(worker, task); },
             .wants_watch = [this] { timer_.at(clock_.now(), [this] { watch_pool(); }); }}),
      timer_(clock) {
  make_gates();
}

Scheduler::~Scheduler() = default;

void Scheduler::make_gates() {
  std::unordered_map<std::string, Gate*> groups;
  auto add = [this](std::string name, std::size_t capacity) {
    gates_.push_back(std::make_unique<Gate>(Gate{.name = std::move(name), .capacity = capacity}));
    return gates_.back().get();
  };
  for (std::size_t number = 0; number < tools_.size(); ++number) {
    const call::ToolSpec& spec = backend_.tools()[number];
    ToolState& tool = tools_[number];
    tool.number = number;
    tool.spec = &spec;
    tools_by_name_.emplace(spec.name, &tool);
    if (const std::string& group = spec.policy.serial_group; !group.empty()) {
      Gate*& gate = groups[group];
      if (gate == nullptr) gate = add(group, 1);
      tool.gates.push_back(gate);
    }
    if (spec.policy.max_concurrency) {
      tool.gates.push_back(add(spec.name, *spec.policy.max_concurrency));
    }
  }
}

Result<Scheduler::Handle> Scheduler::start(call::Plan plan, Done done,
                                           std::shared_ptr<CallListener> listener) {
  const std::size_t count = plan.calls.size();
  const std::size_t waiting = waiting_calls_.load();
  if (is_draining_.load() || waiting + count > options_.queue_limit) {
    return failure(ErrorCode::overloaded,
                   std::to_string(waiting) + " calls wait already, and this turn brings " +
                       std::to_string(count) + " more; the limit is " +
                       std::to_string(options_.queue_limit),
                   "try again later, or raise the limit");
  }
  if (count == 0) {
    done({});
    return Handle{};
  }
  const std::uint64_t ticket = next_ticket_.fetch_add(count);
  const auto turn =
      std::make_shared<Turn>(std::move(plan), ticket, clock_.now(), observer_, std::move(done));
  if (listener) turn->be_heard_by(listener);
  turn->hold();
  waiting_calls_.fetch_add(count);
  open_calls_.fetch_add(count);
  std::vector<Task*> accepted;
  accepted.reserve(count);
  for (Task& task : turn->tasks()) {
    if (auto invalid = check(task.call())) {
      drop(task, *std::move(invalid));
      continue;
    }
    task.tool = tools_by_name_.find(task.call().name)->second;
    task.timeout = timeout_of(task.call(), *task.tool->spec, options_.call_timeout);
    accepted.push_back(&task);
  }
  admit(accepted);
  return Handle(turn);
}

std::optional<call::Invalid> Scheduler::check(const call::Call& call) const {
  if (!tools_by_name_.contains(call.name)) {
    return call::Invalid{.type = "unknown_tool",
                         .message = describe_unknown_tool(call.name, backend_.tools())};
  }
  if (auto problem =
          find_oversize(call.arguments, options_.max_argument_bytes, options_.max_argument_depth)) {
    return call::Invalid{.type = "invalid_arguments", .message = *std::move(problem)};
  }
  return std::nullopt;
}

void Scheduler::drop(Task& task, call::Outcome outcome) {
  if (task.started_ns.load() < 0) waiting_calls_.fetch_sub(1);
  task.turn->answer(task, std::move(outcome), clock_.now(), "", Answerer::runner);
  release(task);
}

void Scheduler::release(Task& task) {
  task.turn->release();
  if (open_calls_.fetch_sub(1) != 1 || !is_draining_.load()) return;
  const std::lock_guard lock(drained_mutex_);
  drained_.notify_all();
}

void Scheduler::admit(const std::vector<Task*>& tasks) {
  if (is_stopping_.load()) {
    for (Task* task : tasks) drop(*task, call::NotStarted{"the engine is stopping"});
    return;
  }
  std::vector<Task*> ready;
  std::vector<Refused> refused;
  ready.reserve(tasks.size());
  for (Task* task : tasks) {
    if (task->tool->gates.empty()) {
      ready.push_back(task);
      continue;
    }
    const std::lock_guard lock(gates_mutex_);
    if (pass_gates(*task, refused)) ready.push_back(task);
  }
  for (Refused& each : refused) drop(*each.task, call::NotStarted{std::move(each.reason)});
  dispatch(ready);
}

// A task that finds a gate full waits there and comes back when it opens; it holds no gate
// meanwhile.
bool Scheduler::pass_gates(Task& task, std::vector<Refused>& refused) {
  for (Gate* gate : task.tool->gates) {
    if (gate->is_blocked()) {
      refused.push_back({&task, "`" + gate->name + "` lets " + std::to_string(gate->capacity) +
                                    " call through at a time, and one that outran its deadline "
                                    "is still running"});
      return false;
    }
    if (gate->is_full()) {
      gate->waiting.push_back(&task);
      return false;
    }
  }
  for (Gate* gate : task.tool->gates) ++gate->held;
  task.holds_gates = true;
  return true;
}

void Scheduler::leave_gates(Task& task) {
  if (task.tool->gates.empty()) return;
  std::vector<Task*> next;
  std::vector<Task*> answered;  // while they waited; let through, each would come back here
  {
    const std::lock_guard lock(gates_mutex_);
    if (!std::exchange(task.holds_gates, false)) return;
    const bool was_stuck = std::exchange(task.counts_as_stuck, false);
    for (Gate* gate : task.tool->gates) {
      --gate->held;
      gate->stuck -= was_stuck ? 1 : 0;
      for (bool is_next = false; !is_next && !gate->waiting.empty(); gate->waiting.pop_front()) {
        is_next = !gate->waiting.front()->is_answered.load();
        (is_next ? next : answered).push_back(gate->waiting.front());
      }
    }
  }
  for (Task* each : answered) drop(*each, call::Cancelled{});
  admit(next);
}

void Scheduler::dispatch(const std::vector<Task*>& ready) {
  std::vector<Task*> for_threads;
  std::vector<Task*> for_loops;
  for_threads.reserve(ready.size());
  for (Task* task : ready) {
    (task->tool->spec->is_async ? for_loops : for_threads).push_back(task);
  }
  if (!for_threads.empty() && pool_.submit(for_threads)) {
    timer_.at(clock_.now() + options_.stuck_grace, [this] { refuse_when_exhausted(); });
  }  // from here on they may be gone
  for (Task* task : for_loops) run_async(*task);
}

bool Scheduler::enter(Task& task, std::string_view lane) {
  const Time now = clock_.now();
  if (task.attempt == 0) {
    waiting_calls_.fetch_sub(1);
    task.control.deadline = now + task.timeout;
    task.started_ns.store((now - task.turn->started()).count());
  }
  if (task.is_answered.load()) return false;  // after started_ns: see Turn::answer
  observer_.on_started(task.call(), lane, task.attempt);
  return true;
}

void Scheduler::run(Worker& worker, Task& task) {
  const std::string_view lane = worker.lane->name();
  if (!enter(task, lane)) return skip(task);
  {
    const std::lock_guard lock(worker.mutex);
    worker.running = &task;
  }
  expect_deadline(task.control.deadline);
  call::Outcome outcome = worker.lane->run(task.tool->number, task.call(), task.control);
  {
    const std::lock_guard lock(worker.mutex);
    worker.running = nullptr;
  }
  conclude(task, std::move(outcome), lane);
}

void Scheduler::run_async(Task& task) {
  static constexpr std::string_view kLane = "event-loop";
  if (!enter(task, kLane)) return skip(task);
  {
    const std::lock_guard lock(async_mutex_);
    running_async_.insert(&task);
    ++open_async_;
  }
  expect_deadline(task.control.deadline);
  backend_.start_async(task.tool->number, task.call(), task.control,
                       [this, &task](call::Outcome outcome) {
                         {
                           const std::lock_guard lock(async_mutex_);
                           running_async_.erase(&task);
                         }
                         conclude(task, std::move(outcome), kLane);
                         // The last touch, and under the lock: stop() may be waiting for it.
                         const std::lock_guard lock(async_mutex_);
                         --open_async_;
                         async_left_.notify_all();
                       });
}

void Scheduler::skip(Task& task) {
  leave_gates(task);
  release(task);
}

void Scheduler::conclude(Task& task, call::Outcome outcome, std::string_view lane) {
  if (const auto* returned = std::get_if<call::Returned>(&outcome);
      returned != nullptr && returned->result.size() > options_.max_result_bytes) {
    outcome = call::Raised{.type = "result_too_large",
                           .message = "the result has " + std::to_string(returned->result.size()) +
                                      " bytes, more than the limit of " +
                                      std::to_string(options_.max_result_bytes)};
  }
  leave_gates(task);
  if (retries(task, outcome)) return;
  if (!task.turn->answer(task, std::move(outcome), clock_.now(), lane, Answerer::runner)) {
    observer_.on_unstuck(task.call());
  }
  release(task);
}

Duration Scheduler::retry_delay(unsigned attempt) {
  const auto longest = kFirstRetryDelay * (1 << std::min(attempt, 10U));
  const std::lock_guard lock(random_mutex_);
  return std::chrono::duration_cast<Duration>(longest * (0.5 + random_() / 2));
}

// Exponential back-off with jitter, inside the deadline of the whole call: whoever waits for a gate
// or a thread when that comes is answered then.
bool Scheduler::retries(Task& task, call::Outcome& outcome) {
  const auto* raised = std::get_if<call::Raised>(&outcome);
  if (raised == nullptr || task.attempt >= task.tool->spec->policy.retries) return false;
  if (raised->type == "unserializable_result" || raised->type == "result_too_large") return false;
  if (task.is_answered.load() || is_stopping_.load()) return false;
  const Time due = clock_.now() + retry_delay(task.attempt);
  if (due >= task.control.deadline) return false;
  ++task.attempt;
  timer_.at(task.control.deadline, [this, turn = task.turn->shared_from_this(), &task] {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(task.timeout);
    if (turn->answer(task, call::TimedOut{limit}, clock_.now(), "", Answerer::other)) {
      after_answering(turn, {&task});
    }
  });
  Timer::Action again = [this, &task, last = std::move(outcome)]() mutable {
    if (is_stopping_.load() || task.is_answered.load()) return drop(task, std::move(last));
    admit({&task});
  };
  if (!timer_.at(due, std::move(again))) again();  // stop() has come in between
  return true;
}

std::vector<Scheduler::RunningCall> Scheduler::running_calls() {
  std::vector<RunningCall> calls;
  const auto add = [&](const Task& task) {
    calls.push_back({.tool = task.call().name, .is_stuck = task.is_answered.load()});
  };
  pool_.for_each_running(add);
  const std::lock_guard lock(async_mutex_);
  for (const Task* task : running_async_) add(*task);
  return calls;
}

void Scheduler::cancel(const Handle& handle) {
  const std::shared_ptr<Turn> turn = handle.lock();
  if (!turn) return;
  const Time now = clock_.now();
  std::vector<Task*> answered;
  for (Task& task : turn->tasks()) {
    if (turn->answer(task, call::Cancelled{}, now, "", Answerer::other)) answered.push_back(&task);
  }
  after_answering(turn, answered);
}

}  // namespace atonce::engine
