// What a comparison has found out: the values that the table, the page and the JSON show.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/arm.h"
#include "compare/round.h"

namespace atonce::compare {

// A median and an interval that holds the true one with at least 95 % confidence.
struct Interval {
  double median = 0;
  double low = 0;
  double high = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// Of a round, unless said otherwise; medians over the rounds. What was not measured is not there.
struct ArmReport {
  Arm arm;
  std::string note = {};  // why figures are missing, or what to know about them; may be empty
  std::size_t rounds = 0;
  std::optional<Interval> seconds = std::nullopt;
  std::optional<Interval> speedup = std::nullopt;  // over the serial arm of the same Python
  std::optional<Interval> speedup_over_best = std::nullopt;  // over the fastest serial arm
  std::optional<double> startup_seconds = std::nullopt;  // of its workers, the program being there
  std::optional<double> pss_mb = std::nullopt;           // of all its processes together
  std::optional<double> cpu_seconds = std::nullopt;
  std::optional<double> copied_bytes_per_call = std::nullopt;
  std::optional<double> queue_wait_seconds = std::nullopt;  // of one call
  std::optional<double> collector_seconds = std::nullopt;   // pauses of the cyclic collector
  std::optional<double> voluntary_switches = std::nullopt;  // of threads that waited
  std::optional<double> forced_switches = std::nullopt;     // of threads that lost their core
  std::vector<Span> timeline = {};                          // of one ordinary round
};

// Laws fitted to the speed-ups of one kind of arm.
struct Fit {
  ArmKind kind{};
  std::optional<double> serial_share = std::nullopt;  // Amdahl's s in 1 / (s + (1 - s) / N)
  // The Universal Scalability Law: N / (1 + a (N - 1) + b N (N - 1)).
  std::optional<double> contention = std::nullopt;    // a
  std::optional<double> coherency = std::nullopt;     // b
  std::optional<double> best_workers = std::nullopt;  // sqrt((1 - a) / b), where b is not 0
};

// How long an empty call takes there and back when it carries so much data.
struct CopyCost {
  double bytes = 0;
  double seconds = 0;
};

// From where on processes and threads (GIL off) are equally fast.
struct Crossing {
  std::optional<double> call_seconds = std::nullopt;    // longer calls: processes win
  std::optional<double> argument_bytes = std::nullopt;  // fewer bytes: processes win
  std::string sentence = {};
};

// Why threads do not scale.
struct Cause {
  std::string kind;      // gil, reference_count, lock, collector, allocation, memory_bandwidth,
                         // short_calls, policy, few_cores
  std::string subject;   // what: "`COUNTER` (tools.py)", "the module `old`"; may be empty
  std::string evidence;  // the figures that say so
  std::string advice;
};

// One thing that speaks for or against an arm, for this function.
struct Remark {
  ArmKind kind{};
  bool is_pro = true;
  std::string text;
};

struct Machine {
  std::string processor = {};
  std::size_t cores = 0;           // that this process may use
  std::size_t physical_cores = 0;  // of them; 0 when the kernel does not say
  double memory_mb = 0;
  std::string system = {};           // "Linux 6.1.0 x86_64"
  std::string atonce = {};           // versions
  std::string python = {};           // "3.13.5 free-threaded"
  std::string ordinary_python = {};  // of --python; may be empty
  double load_before = 0;            // the load average of one minute
  double load_after = 0;
  double used_by_others = 0;  // share of the cores' time during the rounds, 0 to 1
};

struct Report {
  std::string function;                // "tools.py::fib"
  std::vector<std::string> arguments;  // JSON texts
  bool are_arguments_generated = false;
  std::size_t calls = 0;  // of one round
  Machine machine = {};
  std::vector<ArmReport> arms = {};
  std::vector<Fit> fits = {};
  std::vector<CopyCost> copying = {};
  Crossing crossing = {};
  std::vector<Cause> causes = {};
  std::vector<Remark> remarks = {};
  bool has_verdict = true;              // false: the noise was too large, and the verdict says so
  std::string verdict = {};             // one or two sentences
  std::vector<std::string> notes = {};  // what was left out, and why
  double seconds = 0;                   // that all of it took
  std::string command = {};             // to repeat it
};

}  // namespace atonce::compare
