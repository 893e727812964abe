#include "compare/diagnosis.h"

#include <algorithm>
#include <memory>

#include "compare/neighbour.h"
#include "compare/statistics.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTrials = 7;     // rounds of each side of an experiment
constexpr std::size_t kMostNames = 6;  // tried alone
constexpr Duration kStartLimit = 20s;
constexpr Duration kMachineTime = 100ms;

// Summed over the arm's rounds.
struct Totals {
  double elapsed = 0;
  double processor = 0;
  double system = 0;
  double collector = 0;
  double faults = 0;
};

Totals totals_of(const ArmSamples& arm) {
  Totals totals;
  for (const Sample& sample : arm.samples) {
    totals.elapsed += to_seconds(sample.round.elapsed);
    totals.processor += to_seconds(sample.usage.processor);
    totals.system += to_seconds(sample.usage.system);
    totals.collector += to_seconds(sample.round.collector);
    totals.faults += static_cast<double>(sample.usage.faults);
  }
  return totals;
}

// Seconds of a round; nothing when it cannot be had.
std::optional<double> seconds_of(Host& host, const RoundOrder& order, Duration limit) {
  const auto round = host.run(order, limit);
  if (!round || round->failed > 0) return std::nullopt;
  return to_seconds(round->elapsed);
}

}  // namespace

Diagnosis::Diagnosis(const Request& request, std::span<const ArmSamples> arms,
                     const Machine& machine, HostMaker& hosts, Clock& clock, Progress& progress,
                     Time end)
    : request_(request),
      arms_(arms),
      machine_(machine),
      hosts_(hosts),
      clock_(clock),
      progress_(progress),
      end_(end) {}

const ArmSamples* Diagnosis::find(ArmKind kind, std::size_t workers) const {
  return find_measured({kind, workers}, arms_);
}

std::vector<Cause> Diagnosis::find_causes() {
  const ArmSamples* const threads = find(ArmKind::threads_nogil, machine_.cores);
  const ArmSamples* const one = find(ArmKind::threads_nogil, 1);
  if (threads == nullptr || one == nullptr || machine_.cores < 2) return {};
  Evidence evidence = read_rounds(*threads, *one);
  if (scales(evidence)) return {};
  if (evidence.is_gil_on || !evidence.policy.empty()) return causes_of(evidence);
  step("timing the machine itself");
  evidence.machine_speedup = machine_speedup(machine_.cores, kMachineTime);
  time_locks(evidence, *threads);
  make_private(evidence, *threads);
  add_neighbours(evidence);
  return causes_of(evidence);
}

Evidence Diagnosis::read_rounds(const ArmSamples& threads, const ArmSamples& one) const {
  const Totals totals = totals_of(threads);
  const double workers = static_cast<double>(machine_.cores);
  Evidence evidence{.workers = workers,
                    .speedup = speedup(threads, one).median,
                    .is_gil_on = threads.samples.back().round.is_gil_on,
                    .gil_enablers = threads.samples.back().round.gil_enablers,
                    .policy = request_.policy,
                    .dispatch_seconds = to_seconds(threads.facts.dispatch),
                    .system_share = totals.system / std::max(1e-9, totals.processor),
                    .faults_per_second = totals.faults / (totals.elapsed * workers),
                    .collector_share = totals.collector / totals.elapsed,
                    .used_by_others = machine_.used_by_others,
                    .shared_names = request_.shared_names};
  if (evidence.gil_enablers.empty()) evidence.gil_enablers = threads.facts.gil_enablers;
  if (const ArmSamples* const serial = find(ArmKind::serial, 1)) {
    evidence.call_seconds = median_of(serial->seconds()) / static_cast<double>(serial->calls);
    evidence.one_worker = speedup(*serial, one).median;
  }
  const ArmSamples* const processes = find(ArmKind::processes, machine_.cores);
  const ArmSamples* const process = find(ArmKind::processes, 1);
  if (processes != nullptr && process != nullptr) {
    evidence.processes_speedup = speedup(*processes, *process).median;
  }
  return evidence;
}

RoundOrder Diagnosis::order() const {
  const ArmSamples* const threads = find(ArmKind::threads_nogil, machine_.cores);
  return {.calls = threads->calls, .arguments = request_.arguments};
}

Duration Diagnosis::limit() const { return std::max<Duration>(2s, end_ - clock_.now()); }

void Diagnosis::step(const std::string& what) { progress_.on_step(what, 1); }

void Diagnosis::time_locks(Evidence& evidence, const ArmSamples& threads) {
  if (!has_time()) return;
  step("timing locks");
  auto host = hosts_.open({.arm = threads.arm, .watches_locks = true}, kStartLimit);
  if (!host) return;
  if (!seconds_of(**host, order(), limit())) return;
  const auto round = (*host)->run(order(), limit());
  if (!round || round->failed > 0 || round->busy.count() == 0) return;
  evidence.locks = round->locks;
  std::ranges::sort(evidence.locks, std::greater{}, &LockWait::waited);
  Duration waited{};
  for (const LockWait& lock : evidence.locks) waited += lock.waited;
  evidence.locks_share = to_seconds(waited) / to_seconds(round->busy);
}

// Shared and private in turn, so that the machine's moods fall on both.
bool Diagnosis::try_private(Evidence& evidence, const ArmSamples& threads, Host& shared,
                            const std::vector<std::string>& names) {
  step("giving each thread copies of " + (names.empty() ? "the module" : "`" + names.back() + "`"));
  HostOrder with_copies{.arm = threads.arm};
  with_copies.private_names = names;
  auto host = hosts_.open(with_copies, kStartLimit);
  if (!host || !seconds_of(**host, order(), limit())) return false;
  std::vector<double> with_shared;
  std::vector<double> with_private;
  for (std::size_t trial = 0; trial < kTrials && has_time(); ++trial) {
    const auto before = seconds_of(shared, order(), limit());
    const auto after = seconds_of(**host, order(), limit());
    if (!before || !after) return false;
    with_shared.push_back(*before);
    with_private.push_back(*after);
  }
  if (with_shared.size() < 3) return false;
  evidence.trials.push_back({.names = names, .gain = ratio_of(with_shared, with_private)});
  return true;
}

void Diagnosis::make_private(Evidence& evidence, const ArmSamples& threads) {
  if (!has_time()) return;
  auto shared = hosts_.open({.arm = threads.arm}, kStartLimit);
  if (!shared || !seconds_of(**shared, order(), limit())) return;
  if (!try_private(evidence, threads, **shared, {})) return;
  if (evidence.trials.front().gain.low < 1.1) return;  // nothing to be named
  name_shared(evidence, threads, **shared);
}

// Each name alone; and where none is enough, for two objects can be as bad as each other, one more
// at a time.
void Diagnosis::name_shared(Evidence& evidence, const ArmSamples& threads, Host& shared) {
  const std::size_t count = std::min(kMostNames, request_.shared_names.size());
  const auto is_enough = [&] {
    return evidence.trials.size() > 1 &&
           helps_enough(evidence.trials.back(), evidence.trials.front());
  };
  for (std::size_t at = 0; at < count && has_time(); ++at) {
    static_cast<void>(try_private(evidence, threads, shared, {request_.shared_names[at]}));
    if (is_enough()) return;
  }
  std::vector<std::string> names;
  for (std::size_t at = 0; at < count && has_time(); ++at) {
    names.push_back(request_.shared_names[at]);
    if (names.size() < 2) continue;
    static_cast<void>(try_private(evidence, threads, shared, names));
    if (is_enough()) return;
  }
}

void Diagnosis::add_neighbours(Evidence& evidence) {
  if (!has_time()) return;
  step("running beside busy neighbours");
  auto host = hosts_.open({.arm = {ArmKind::serial, 1}}, kStartLimit);
  if (!host || !seconds_of(**host, order(), limit())) return;
  std::vector<double> beside_streams;
  std::vector<double> beside_loops;
  for (std::size_t trial = 0; trial < kTrials && has_time(); ++trial) {
    for (auto [habit, seconds] :
         {std::pair{Habit::compute, &beside_loops}, std::pair{Habit::stream, &beside_streams}}) {
      const Neighbours neighbours(habit, machine_.cores - 1);
      const auto round = seconds_of(**host, order(), limit());
      if (!round) return;
      seconds->push_back(*round);
    }
  }
  if (beside_loops.size() < 3) return;
  evidence.beside_streams = ratio_of(beside_streams, beside_loops);
}

}  // namespace atonce::compare
