#include "compare/samples.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "compare/statistics.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

template <typename Figure>
double median_over(const ArmSamples& arm, Figure figure) {
  std::vector<double> values;
  for (const Sample& sample : arm.samples) values.push_back(static_cast<double>(figure(sample)));
  return median_of(std::move(values));
}

// How long a worker that was free waited for its next call.
double queue_wait(const Sample& sample) {
  std::map<std::size_t, Duration> free_since;
  std::vector<double> waits;
  for (const Span& span : sample.round.spans) {
    const auto known = free_since.find(span.lane);
    const Duration from = known == free_since.end() ? Duration{} : known->second;
    waits.push_back(to_seconds(std::max(Duration{}, span.started - from)));
    free_since[span.lane] = span.ended;
  }
  return median_of(std::move(waits));
}

bool runs_one_at_a_time(const ArmSamples& each) {
  return is_serial(each.arm.kind) ||
         (each.arm.kind == ArmKind::threads_gil && each.arm.workers == 1);
}

// The sample whose time is in the middle.
const Sample& ordinary_sample(const ArmSamples& arm) {
  std::vector<const Sample*> sorted;
  for (const Sample& sample : arm.samples) sorted.push_back(&sample);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, middle, {},
                           [](const Sample* sample) { return sample->round.elapsed; });
  return **middle;
}

std::string note_on(const ArmSamples& arm) {
  std::vector<std::string> notes;
  if (!arm.trouble.empty()) notes.push_back(arm.trouble);
  const bool wants_no_gil =
      arm.arm.kind == ArmKind::threads_nogil || arm.arm.kind == ArmKind::serial;
  const bool is_gil_on =
      arm.facts.is_gil_on || (!arm.samples.empty() && arm.samples.back().round.is_gil_on);
  if (wants_no_gil && is_gil_on) {
    const auto& enablers = !arm.facts.gil_enablers.empty() || arm.samples.empty()
                               ? arm.facts.gil_enablers
                               : arm.samples.back().round.gil_enablers;
    notes.push_back(enablers.empty()
                        ? "the GIL was on"
                        : "the GIL was on: " + in_backticks(enablers) + " turned it on");
  }
  if (arm.printed_bytes > 0) {
    notes.push_back("printed " + in_bytes(static_cast<double>(arm.printed_bytes)) +
                    ", thrown away");
  }
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : "; ") + note;
  return text;
}

void add_usage(const ArmSamples& arm, ArmReport& report) {
  report.cpu_seconds =
      median_over(arm, [](const Sample& each) { return to_seconds(each.usage.processor); });
  report.voluntary_switches =
      median_over(arm, [](const Sample& each) { return each.usage.waited; });
  report.forced_switches =
      median_over(arm, [](const Sample& each) { return each.usage.displaced; });
  report.collector_seconds =
      median_over(arm, [](const Sample& each) { return to_seconds(each.round.collector); });
  if (!is_serial(arm.arm.kind)) report.queue_wait_seconds = median_over(arm, queue_wait);
  const double calls = static_cast<double>(std::max<std::size_t>(1, arm.calls));
  report.copied_bytes_per_call =
      median_over(arm, [](const Sample& each) { return each.round.copied_bytes; }) / calls;
}

}  // namespace

std::vector<double> ArmSamples::seconds() const {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(to_seconds(sample.round.elapsed));
  return values;
}

Interval speedup(const ArmSamples& faster, const ArmSamples& slower) {
  std::map<std::size_t, Duration> of_cycle;
  for (const Sample& sample : slower.samples) of_cycle[sample.cycle] = sample.round.elapsed;
  std::vector<double> above;
  std::vector<double> below;
  for (const Sample& sample : faster.samples) {
    const auto other = of_cycle.find(sample.cycle);
    if (other == of_cycle.end()) continue;
    above.push_back(to_seconds(other->second));
    below.push_back(to_seconds(sample.round.elapsed));
  }
  return ratio_of(above, below);
}

const ArmSamples* find_measured(const Arm& arm, std::span<const ArmSamples> all) {
  const auto found = std::ranges::find(all, arm, &ArmSamples::arm);
  return found == all.end() || found->samples.empty() ? nullptr : &*found;
}

const ArmSamples* serial_for(const ArmSamples& arm, std::span<const ArmSamples> all) {
  const ArmKind kind = is_ordinary(arm.arm.kind) ? ArmKind::python_serial : ArmKind::serial;
  return find_measured({kind, 1}, all);
}

const ArmSamples* best_serial(std::span<const ArmSamples> all) {
  const ArmSamples* best = nullptr;
  for (const ArmSamples& each : all) {
    if (!runs_one_at_a_time(each) || each.samples.empty()) continue;
    if (best == nullptr || median_of(each.seconds()) < median_of(best->seconds())) best = &each;
  }
  return best;
}

ArmReport summarize(const ArmSamples& arm, std::span<const ArmSamples> all) {
  ArmReport report{.arm = arm.arm, .note = note_on(arm), .rounds = arm.samples.size()};
  if (arm.memory_bytes) {
    report.startup_seconds = to_seconds(arm.facts.startup);
    report.pss_mb = static_cast<double>(*arm.memory_bytes) / 1e6;
  }
  if (arm.samples.empty()) return report;
  report.seconds = interval_of(arm.seconds());
  if (const ArmSamples* serial = serial_for(arm, all)) report.speedup = speedup(arm, *serial);
  if (const ArmSamples* best = best_serial(all)) report.speedup_over_best = speedup(arm, *best);
  add_usage(arm, report);
  report.timeline = ordinary_sample(arm).round.spans;
  return report;
}

}  // namespace atonce::compare
