#include "compare/comparison.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>

#include "compare/diagnosis.h"
#include "compare/fit.h"
#include "compare/machine.h"
#include "compare/schedule.h"
#include "compare/units.h"
#include "compare/verdict.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

// A first call, before anything is known of it, may take this share of the budget.
constexpr double kFirstCall = 0.25;
// Enough to time a call by.
constexpr Duration kTimedFor = 20ms;
// A round that takes so many times as long as it should hangs.
constexpr int kPatience = 20;
constexpr Duration kLeastPatience = 5s;
constexpr Duration kStartLimit = 30s;
constexpr std::size_t kMostCycles = 400;

Duration share_of(Duration whole, double share) {
  return std::chrono::duration_cast<Duration>(whole * share);
}

std::string failed_calls(const Round& round, std::size_t calls) {
  const std::string what = round.failure.empty() ? "" : ": " + round.failure;
  if (calls == 1) return "the call failed" + what;
  return std::to_string(round.failed) + " of " + std::to_string(calls) + " calls failed" + what;
}

void shuffle(std::vector<std::size_t>& numbers, const Random& random) {
  for (std::size_t at = numbers.size(); at > 1; --at) {
    std::swap(numbers[at - 1],
              numbers[static_cast<std::size_t>(random() * static_cast<double>(at))]);
  }
}

}  // namespace

Comparison::Comparison(Request request, HostMaker& hosts, Clock& clock, Random random,
                       Progress& progress)
    : request_(std::move(request)),
      hosts_(hosts),
      clock_(clock),
      random_(std::move(random)),
      progress_(progress),
      calls_(request_.calls.value_or(0)) {
  for (const Arm& arm : request_.arms) arms_.push_back({.arm = arm});
  untried_ = arms_.size();
}

Report Comparison::run() {
  start_ = clock_.now();
  machine_ = read_machine();
  machine_.cores = request_.cores;
  for (std::size_t number = 0; number < arms_.size(); ++number) start(number);
  leave_out_for_time();
  run_rounds();
  measure_copying();
  for (const Seat& seat : seats_) arms_[seat.arm].printed_bytes = seat.host->printed_bytes();
  seats_.clear();  // the experiments to come have the machine for themselves
  machine_.load_after = load_average();
  Report result = report();
  interpret(result);
  result.seconds = to_seconds(spent());
  return result;
}

double Comparison::share_spent() const { return to_seconds(spent()) / to_seconds(request_.budget); }

RoundOrder Comparison::order_for(const Arm& arm, std::size_t calls) const {
  RoundOrder order{.calls = calls, .arguments = request_.arguments};
  if (is_ordinary(arm.kind)) order.pickles = request_.pickles;
  return order;
}

// Of a call that nothing is known of yet: its share of the time that is left, so that one that
// hangs everywhere leaves some for every arm. Of a known one: as long as no busy machine takes for
// it.
Duration Comparison::limit_for(std::size_t calls) const {
  const Duration most = std::min(request_.call_limit * static_cast<std::int64_t>(calls),
                                 share_of(request_.budget, kFirstCall));
  if (call_time_) {
    const Duration usual = *call_time_ * static_cast<std::int64_t>(calls) * kPatience;
    return std::max(kLeastPatience, std::min(usual, most));
  }
  const std::size_t tried = arms_.size() - untried_;
  if (tried <= 1) return most;
  const Duration left = request_.budget - spent();
  return std::clamp<Duration>(left / static_cast<std::int64_t>(untried_ + 1), 1s,
                              std::max<Duration>(1s, most));
}

void Comparison::start(std::size_t number) {
  ArmSamples& arm = arms_[number];
  --untried_;
  if (is_ordinary(arm.arm.kind) && !request_.pickle_trouble.empty()) {
    arm.trouble = request_.pickle_trouble;
    return;
  }
  progress_.on_step("starting " + label_of(arm.arm), share_spent());
  auto host = hosts_.open({.arm = arm.arm}, kStartLimit);
  if (!host) return give_up(arm, host.error());
  arm.facts = (*host)->facts();
  (is_ordinary(arm.arm.kind) ? machine_.ordinary_python : machine_.python) = arm.facts.python;
  const auto round = warm_up(arm, **host);
  arm.printed_bytes = (*host)->printed_bytes();
  if (!round) return give_up(arm, round.error());
  arm.memory_bytes = (*host)->memory();
  seats_.push_back({number, *std::move(host), *round});
}

// One round, whose figures do not count. The first arm's also tells how many calls make a round.
Result<Duration> Comparison::warm_up(ArmSamples& arm, Host& host) {
  if (!call_time_) {
    const auto time = time_one_call(host, arm.arm);
    if (!time) return time;
    call_time_ = *time;
    if (calls_ == 0) {
      calls_ = calls_per_round(*time, request_.arms, share_of(request_.budget, kShareOfRounds));
    }
  }
  arm.calls = calls_;
  const auto round = host.run(order_for(arm.arm, calls_), limit_for(calls_));
  if (!round) return std::unexpected(round.error());
  if (round->failed > 0) return failure(ErrorCode::bad_input, failed_calls(*round, calls_));
  return round->elapsed;
}

// More calls each time, until they take long enough to be timed.
Result<Duration> Comparison::time_one_call(Host& host, const Arm& arm) {
  std::size_t calls = 1;
  for (;;) {
    auto round = host.run(order_for(arm, calls), limit_for(calls));
    if (!round) return std::unexpected(round.error());
    if (round->failed > 0) {
      return failure(ErrorCode::bad_input, failed_calls(*round, calls));
    }
    if (round->elapsed >= kTimedFor || calls >= kMostCalls) {
      return round->elapsed / static_cast<Duration::rep>(calls);
    }
    calls *= 8;
  }
}

void Comparison::give_up(ArmSamples& arm, const Error& error) {
  arm.trouble = error.message;
  if (error.code == ErrorCode::timed_out) arm.trouble = "did not end: " + error.message;
}

void Comparison::leave_out_for_time() {
  std::vector<Costed> costed;
  for (const Seat& seat : seats_) costed.push_back({arms_[seat.arm].arm, seat.round});
  const auto chosen =
      affordable(std::move(costed), machine_.cores, share_of(request_.budget, kShareOfRounds));
  const auto is_left_out = [&](const Seat& seat) {
    return std::ranges::find(chosen, arms_[seat.arm].arm) == chosen.end();
  };
  for (const Seat& seat : seats_) {
    if (is_left_out(seat)) arms_[seat.arm].trouble = "left out for want of time";
  }
  if (std::erase_if(seats_, is_left_out) == 0) return;
  notes_.push_back("a call takes " + in_units(to_seconds(call_time_.value_or(Duration{}))) +
                   ": there was no time for every number of workers; a larger --budget has it");
}

void Comparison::run_rounds() {
  const Duration busy_before = busy_time();
  const Time from = clock_.now();
  // Starting may have taken long on a busy machine; the rounds get their share all the same.
  const Duration end = spent() + share_of(request_.budget, kShareOfRounds);
  const Duration latest = end + request_.budget;
  for (std::size_t cycle = 0; !seats_.empty() && cycle < kMostCycles; ++cycle) {
    if (spent() >= (cycle < kLeastCycles ? latest : end)) break;
    run_cycle(cycle);
    progress_.on_step("comparing", share_spent());
    if (progress_.wants_figures()) progress_.on_figures(report());
  }
  Duration used{};
  for (const ArmSamples& arm : arms_) {
    for (const Sample& sample : arm.samples) used += sample.usage.processor;
  }
  const double all = to_seconds(clock_.now() - from) * static_cast<double>(machine_.cores);
  const double others = to_seconds(busy_time() - busy_before - used);
  if (all > 0) machine_.used_by_others = std::clamp(others / all, 0.0, 1.0);
}

void Comparison::run_cycle(std::size_t cycle) {
  std::vector<std::size_t> turns(seats_.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  shuffle(turns, random_);
  for (const std::size_t turn : turns) {
    Seat& seat = seats_[turn];
    ArmSamples& arm = arms_[seat.arm];
    const Usage before = seat.host->usage();
    auto round = seat.host->run(order_for(arm.arm, calls_), limit_for(calls_));
    if (round && round->failed == 0) {
      const Usage used = seat.host->usage() - before;
      arm.samples.push_back({.cycle = cycle, .round = *std::move(round), .usage = used});
      continue;
    }
    // Other work than the other arms did: its figures would compare nothing.
    arm.samples.clear();
    if (round) {
      arm.trouble = failed_calls(*round, calls_);
    } else {
      give_up(arm, round.error());
    }
    seat.host.reset();
  }
  std::erase_if(seats_, [](const Seat& seat) { return seat.host == nullptr; });
}

void Comparison::measure_copying() {
  const auto processes = std::ranges::find_if(seats_, [&](const Seat& seat) {
    const Arm& arm = arms_[seat.arm].arm;
    return arm.kind == ArmKind::processes && arm.workers == machine_.cores;
  });
  if (processes == seats_.end()) return;
  progress_.on_step("timing copies", share_spent());
  const std::vector<std::size_t> sizes{0, 1'000, 10'000, 100'000, 1'000'000, 4'000'000};
  auto costs = processes->host->copy(sizes, kStartLimit);
  if (costs) copying_ = *std::move(costs);
}

Report Comparison::report() const {
  Report report{.function = request_.function,
                .arguments = request_.arguments,
                .are_arguments_generated = request_.are_arguments_generated,
                .calls = calls_,
                .machine = machine_,
                .copying = copying_,
                .notes = notes_};
  for (const ArmSamples& arm : arms_) report.arms.push_back(summarize(arm, arms_));
  return report;
}

void Comparison::interpret(Report& report) {
  refuse_noise(report);
  report.fits = fit_all(report, arms_);
  report.crossing = find_crossing(report, arms_);
  Diagnosis diagnosis(request_, arms_, machine_, hosts_, clock_, progress_,
                      clock_.now() + share_of(request_.budget, kShareOfCauses));
  report.causes = diagnosis.find_causes();
  conclude(report);
}

}  // namespace atonce::compare
