#include "compare/round_runner.h"

#include <algorithm>
#include <future>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEmptyCalls = 2'000;

// Longer than any comparison: no worker leaves between its rounds.
constexpr auto kIdleLife = 24h;
constexpr auto kNoTimeout = 24h;

engine::Options options_for(std::size_t workers) {
  return {.call_timeout = kNoTimeout,
          .queue_limit = std::size_t{1} << 20,
          .pool = {.places = workers, .max_threads = workers, .idle_life = kIdleLife}};
}

call::Call call_of(const RoundOrder& order, std::size_t number, const std::string& tool) {
  return {.id = "", .name = tool, .arguments = order.arguments[number % order.arguments.size()]};
}

std::string failure_of(const call::Outcome& outcome) {
  if (const auto* raised = std::get_if<call::Raised>(&outcome)) {
    return raised->type + (raised->message.empty() ? "" : ": ") + raised->message;
  }
  return call::describe(outcome);
}

// Adds one call's figures to its round.
class Counting {
 public:
  explicit Counting(Round& round) : round_(round) {}

  void add(const call::Call& call, const call::Outcome& outcome, const Span& span) {
    round_.busy += span.ended - span.started;
    if (round_.spans.size() < kMostSpans) round_.spans.push_back(span);
    round_.copied_bytes += call.arguments.size();
    if (const auto* returned = std::get_if<call::Returned>(&outcome)) {
      round_.copied_bytes += returned->result.size();
      return;
    }
    if (round_.failed++ == 0) round_.failure = failure_of(outcome);
  }

  std::size_t lane_number(const std::string& name) {
    return lanes_.try_emplace(name, lanes_.size()).first->second;
  }

 private:
  Round& round_;
  std::unordered_map<std::string, std::size_t> lanes_;
};

}  // namespace

RoundRunner::RoundRunner(engine::Backend& backend, std::size_t tool, std::size_t workers,
                         bool is_serial)
    : gauge_(backend, tool, workers), workers_(workers) {
  const Time start = clock_.now();
  if (is_serial) {
    lane_ = gauge_.open_lane(1);
  } else {
    scheduler_ = std::make_unique<engine::Scheduler>(
        gauge_, clock_, observer_, [] { return 0.5; }, options_for(workers));
    start_workers();
  }
  startup_ = clock_.now() - start;
}

RoundRunner::~RoundRunner() {
  if (scheduler_) static_cast<void>(scheduler_->stop(0ms));
}

// As many empty calls as there are workers, none of which ends before all have begun.
void RoundRunner::start_workers() {
  gauge_.hold_until(workers_);
  static_cast<void>(run_plan({std::vector<call::Call>(
      workers_, {.id = "", .name = GaugeBackend::kEmptyTool, .arguments = "{}"})}));
}

Duration RoundRunner::dispatch() {
  if (!scheduler_) return {};
  const call::Reply reply = run_plan({std::vector<call::Call>(
      kEmptyCalls, {.id = "", .name = GaugeBackend::kEmptyTool, .arguments = "{}"})});
  return reply.elapsed / kEmptyCalls;
}

call::Reply RoundRunner::run_plan(call::Plan plan) {
  const auto promise = std::make_shared<std::promise<call::Reply>>();  // set_value() may outlast us
  const Time start = clock_.now();
  const auto started = scheduler_->start(
      std::move(plan), [promise](call::Reply reply) { promise->set_value(std::move(reply)); });
  ATONCE_CHECK(started.has_value(), "the queue holds every round");
  call::Reply reply = promise->get_future().get();
  reply.elapsed = clock_.now() - start;  // with the way back to who waits
  return reply;
}

Round RoundRunner::run(const RoundOrder& order) {
  return scheduler_ ? run_at_once(order) : run_one_by_one(order);
}

Round RoundRunner::run_at_once(const RoundOrder& order) {
  call::Plan plan;
  for (std::size_t number = 0; number < order.calls; ++number) {
    plan.calls.push_back(call_of(order, number, gauge_.tools().front().name));
  }
  const call::Reply reply = run_plan(std::move(plan));
  Round round{.elapsed = reply.elapsed};
  Counting counting(round);
  for (const call::Finished& call : reply.calls) {
    counting.add(call.call, call.outcome,
                 {call.started, call.ended, counting.lane_number(call.lane)});
  }
  return round;
}

Round RoundRunner::run_one_by_one(const RoundOrder& order) {
  Round round;
  Counting counting(round);
  const std::string& tool = gauge_.tools().front().name;
  const Time start = clock_.now();
  for (std::size_t number = 0; number < order.calls; ++number) {
    const call::Call call = call_of(order, number, tool);
    const Duration started = clock_.now() - start;
    const call::Outcome outcome = run_one(call);
    counting.add(call, outcome, {started, clock_.now() - start, 0});
  }
  round.elapsed = clock_.now() - start;
  return round;
}

call::Outcome RoundRunner::run_one(const call::Call& call) {
  engine::CallControl control;
  control.ticket = ++tickets_;
  if (!gauge_.tools().front().is_async) return lane_->run(0, call, control);
  const auto done = std::make_shared<std::promise<call::Outcome>>();
  gauge_.start_async(0, call, control,
                     [done](call::Outcome outcome) { done->set_value(std::move(outcome)); });
  return done->get_future().get();
}

}  // namespace atonce::compare
