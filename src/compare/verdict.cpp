#include "compare/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "compare/choice.h"
#include "compare/fit.h"
#include "compare/schedule.h"
#include "compare/statistics.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

// A ratio whose interval is wider than this says nothing that one could act on.
constexpr double kTooWide = 0.35;
// Less than this is not worth a change.
constexpr double kWorthIt = 1.1;
// Of the cores' time, for other programs.
constexpr double kBusy = 0.15;

std::string with_interval(const Interval& ratio) {
  return fmt::format("{:.2f} times ({:.2f} to {:.2f})", ratio.median, ratio.low, ratio.high);
}

std::string workers_of(const Arm& arm) {
  if (is_serial(arm.kind)) return "";
  return fmt::format(" on {} worker{}", arm.workers, arm.workers == 1 ? "" : "s");
}

double gain_of(const ArmReport& arm) {
  return arm.speedup_over_best ? arm.speedup_over_best->median : 0;
}

template <typename Belongs>
const ArmReport* fastest(const Report& report, Belongs belongs) {
  const ArmReport* best = nullptr;
  for (const ArmReport& arm : report.arms) {
    if (!arm.speedup_over_best || !belongs(arm.arm.kind)) continue;
    if (best == nullptr || is_better(arm, *best)) best = &arm;
  }
  return best;
}

const ArmReport* fastest(const Report& report, ArmKind kind) {
  return fastest(report, [kind](ArmKind other) { return other == kind; });
}

const ArmReport* find(const Report& report, const Arm& arm) {
  const auto found = std::ranges::find(report.arms, arm, &ArmReport::arm);
  return found == report.arms.end() ? nullptr : &*found;
}

// An arm that a verdict cannot do without was measured, and varied too much.
bool lacks_rival(const Report& report) {
  for (const ArmKind kind : {ArmKind::threads_nogil, ArmKind::processes}) {
    const ArmReport* const arm = find(report, {kind, report.machine.cores});
    if (arm != nullptr && arm->seconds && !arm->speedup_over_best) return true;
  }
  return false;
}

// Whether there is anything steady enough to speak of; else the verdict says what was wrong.
bool refuse_verdict(Report& report) {
  const auto has_figures = [](const ArmReport& arm) { return arm.seconds.has_value(); };
  const auto has_ratio = [](const ArmReport& arm) {
    return arm.speedup_over_best && !is_serial(arm.arm.kind);
  };
  if (std::ranges::any_of(report.arms, has_ratio) && !lacks_rival(report)) return false;
  report.has_verdict = false;
  const auto first = std::ranges::find_if(report.arms, has_figures);
  if (first == report.arms.end()) {
    report.verdict = "No verdict: no arm could run the calls";
    if (!report.arms.empty()) report.verdict += " (" + report.arms.front().note + ")";
    report.verdict += ".";
  } else if (first->rounds < kLeastCycles) {
    report.verdict = fmt::format(
        "No verdict: there was time for {} round{} of each arm, and it takes {} to tell noise from "
        "gain. Give it more time with --budget, or fewer calls with --calls.",
        first->rounds, first->rounds == 1 ? "" : "s", kLeastCycles);
  } else {
    report.verdict = fmt::format(
        "No verdict: the figures vary too much from round to round (other programs used {} of the "
        "cores' time). Run it again when the machine is quieter, or longer with --budget.",
        in_percent(report.machine.used_by_others));
  }
  return true;
}

void remark(Report& report, ArmKind kind, bool is_pro, std::string text) {
  report.remarks.push_back({.kind = kind, .is_pro = is_pro, .text = std::move(text)});
}

void remark_on_speed(Report& report, const ArmReport& arm) {
  const double gain = gain_of(arm);
  const bool is_pro = gain >= kWorthIt;
  remark(report, arm.arm.kind, is_pro,
         with_interval(*arm.speedup_over_best) + " as fast as one after another" +
             workers_of(arm.arm));
}

void remark_on_costs(Report& report, const ArmReport& arm, const ArmReport* threads) {
  if (!is_processes(arm.arm.kind) && arm.arm.kind != ArmKind::subinterpreters) return;
  if (arm.pss_mb && threads != nullptr && threads->pss_mb) {
    const double more = *arm.pss_mb - *threads->pss_mb;
    if (more > 1) {
      remark(report, arm.arm.kind, false,
             fmt::format("{:.0f} MB more than threads", more) + workers_of(arm.arm));
    }
  }
  if (arm.startup_seconds && *arm.startup_seconds > 0.005) {
    remark(report, arm.arm.kind, false,
           in_units(*arm.startup_seconds) + " until its workers are there");
  }
  if (!is_processes(arm.arm.kind)) return;
  if (arm.copied_bytes_per_call && *arm.copied_bytes_per_call > 0) {
    remark(report, arm.arm.kind, false,
           in_bytes(*arm.copied_bytes_per_call) + " copied for each call");
  }
  remark(report, arm.arm.kind, true, "a call that crashes or hangs takes nothing else with it");
}

void write_remarks(Report& report) {
  const ArmReport* const threads = fastest(report, ArmKind::threads_nogil);
  std::vector<const ArmReport*> best;
  for (const ArmReport& arm : report.arms) {
    const ArmReport* const candidate = fastest(report, arm.arm.kind);
    if (candidate != nullptr && std::ranges::find(best, candidate) == best.end()) {
      best.push_back(candidate);
    }
  }
  for (const ArmReport* arm : best) {
    if (is_serial(arm->arm.kind)) continue;
    const ArmReport* same = find(report, {ArmKind::threads_nogil, arm->arm.workers});
    remark_on_speed(report, *arm);
    remark_on_costs(report, *arm, same != nullptr ? same : threads);
  }
  if (threads != nullptr) {
    remark(report, ArmKind::threads_nogil, true, "nothing is copied, and memory is shared");
    remark(report, ArmKind::threads_nogil, false,
           "the function must be safe to run beside itself: `atonce check` looks for that");
  }
}

std::string praise(const ArmReport& arm) {
  return std::string(title_of(arm.arm.kind)) + workers_of(arm.arm) + ": " +
         with_interval(*arm.speedup_over_best) + " as fast as one after another";
}

// The ordinary Python's serial run, where it is the one that all are measured against.
std::string compared_with(const Report& report) {
  const ArmReport* const ordinary = find(report, {ArmKind::python_serial, 1});
  const ArmReport* const own = find(report, {ArmKind::serial, 1});
  if (ordinary == nullptr || own == nullptr || !ordinary->seconds || !own->seconds) return "";
  const double ratio = own->seconds->median / ordinary->seconds->median;
  return fmt::format(" On one core this Python takes {:.2f} times as long as the ordinary one.",
                     ratio);
}

// Beside a busy neighbour more workers get a larger part of the cores, which no quiet machine
// gives.
std::string on_busy_machine(const Report& report) {
  if (report.machine.used_by_others < kBusy) return "";
  return " Other programs used " + in_percent(report.machine.used_by_others) +
         " of the cores' time meanwhile: this holds for a machine as busy as that.";
}

std::string beside(const ArmReport& best, const ArmReport* other, const Report& report) {
  if (other == nullptr || other == &best) return "";
  std::string text =
      fmt::format("; {} reach {:.2f} times", title_of(other->arm.kind), gain_of(*other));
  const ArmReport* const same = find(report, {other->arm.kind, best.arm.workers});
  if (same != nullptr && same->pss_mb && best.pss_mb && is_processes(same->arm.kind)) {
    text += fmt::format(" and take {:.0f} MB where these take {:.0f}", *same->pss_mb, *best.pss_mb);
  }
  return text;
}

}  // namespace

void refuse_noise(Report& report) {
  for (ArmReport& arm : report.arms) {
    const bool is_few = arm.rounds > 0 && arm.rounds < kLeastCycles;
    const auto is_wide = [](const std::optional<Interval>& ratio) {
      return ratio && relative_width(*ratio) > kTooWide;
    };
    if (!is_few && !is_wide(arm.speedup) && !is_wide(arm.speedup_over_best)) continue;
    if (!arm.note.empty()) arm.note += "; ";
    arm.note += is_few ? fmt::format("only {} rounds: no ratio told", arm.rounds)
                       : fmt::format("too noisy to tell ({:.2f} to {:.2f} times)",
                                     arm.speedup_over_best ? arm.speedup_over_best->low : 0,
                                     arm.speedup_over_best ? arm.speedup_over_best->high : 0);
    arm.speedup.reset();
    arm.speedup_over_best.reset();
  }
}

std::vector<Fit> fit_all(const Report& report, std::span<const ArmSamples> arms) {
  std::vector<Fit> fits;
  for (const ArmSamples& one : arms) {
    if (one.arm.workers != 1 || is_serial(one.arm.kind) || one.samples.empty()) continue;
    std::vector<Point> points;
    for (const ArmSamples& arm : arms) {
      const ArmReport* const shown = find(report, arm.arm);
      const bool is_told = shown != nullptr && shown->speedup;
      if (arm.arm.kind != one.arm.kind || !is_told) continue;
      // More workers than cores say nothing of calls that compute.
      const bool is_busy = shown->cpu_seconds.value_or(0) >
                           0.5 * shown->seconds->median *
                               static_cast<double>(std::min(arm.arm.workers, report.machine.cores));
      if (arm.arm.workers > report.machine.cores && is_busy) continue;
      points.push_back({static_cast<double>(arm.arm.workers), speedup(arm, one).median});
    }
    Fit fitted = fit(one.arm.kind, points);
    if (fitted.serial_share) fits.push_back(std::move(fitted));
  }
  return fits;
}

Crossing find_crossing(const Report& report, std::span<const ArmSamples> arms) {
  const std::size_t workers = report.machine.cores;
  const ArmReport* const serial = find(report, {ArmKind::serial, 1});
  const ArmReport* const threads = find(report, {ArmKind::threads_nogil, workers});
  const ArmReport* const processes = find(report, {ArmKind::processes, workers});
  for (const ArmReport* each : {serial, threads, processes}) {
    if (each == nullptr || !each->speedup || !each->seconds) return {};
  }
  if (report.copying.empty() || report.calls == 0) return {};
  const auto samples = std::ranges::find(arms, threads->arm, &ArmSamples::arm);
  const double calls = static_cast<double>(report.calls);
  const double each_worker = static_cast<double>(workers) / calls;
  return crossing({.call = serial->seconds->median / calls,
                   .bytes = processes->copied_bytes_per_call.value_or(0),
                   .threads = threads->seconds->median * each_worker,
                   .processes = processes->seconds->median * each_worker,
                   .dispatch = to_seconds(samples->facts.dispatch),
                   .copying = report.copying});
}

void conclude(Report& report) {
  if (refuse_verdict(report)) return;
  write_remarks(report);
  const ArmReport* const best = fastest(report, [](ArmKind kind) { return !is_serial(kind); });
  const ArmReport* threads = fastest(report, ArmKind::threads_nogil);
  if (gain_of(*best) < kWorthIt) {
    report.verdict = "Nothing here is worth leaving one call after another for: the best are " +
                     praise(*best) + "." + compared_with(report) + on_busy_machine(report);
    return;
  }
  // Threads are the simplest: they are taken unless something else is clearly faster.
  const bool threads_will_do =
      threads != nullptr && (overlap(*threads->speedup_over_best, *best->speedup_over_best) ||
                             gain_of(*threads) >= 0.97 * gain_of(*best));
  const ArmReport& chosen = threads_will_do ? *threads : *best;
  const ArmReport* const other =
      chosen.arm.kind == ArmKind::threads_nogil
          ? fastest(report, [](ArmKind kind) { return is_processes(kind) && !is_ordinary(kind); })
          : threads;
  report.verdict = "Take " + praise(chosen) + beside(chosen, other, report) + ".";
  report.verdict += compared_with(report) + on_busy_machine(report);
}

}  // namespace atonce::compare
