#include "compare/arm.h"

#include <algorithm>
#include <array>
#include <utility>

namespace atonce::compare {
namespace {

struct Naming {
  ArmKind kind;
  std::string_view name;
  std::string_view title;
};

constexpr std::array kNamings{
    Naming{ArmKind::serial, "serial", "one after another"},
    Naming{ArmKind::threads_gil, "threads_gil", "threads, GIL on"},
    Naming{ArmKind::threads_nogil, "threads_nogil", "threads, GIL off"},
    Naming{ArmKind::processes, "processes", "processes"},
    Naming{ArmKind::processes_fork, "processes_fork", "processes, forked"},
    Naming{ArmKind::subinterpreters, "subinterpreters", "subinterpreters"},
    Naming{ArmKind::python_serial, "python_serial", "ordinary Python, one after another"},
    Naming{ArmKind::python_threads, "python_threads", "ordinary Python, threads"},
    Naming{ArmKind::python_processes, "python_processes", "ordinary Python, processes"},
};

const Naming& naming_of(ArmKind kind) { return *std::ranges::find(kNamings, kind, &Naming::kind); }

std::vector<std::size_t> worker_counts(std::size_t cores) {
  std::vector<std::size_t> counts;
  for (std::size_t count = 1; count < cores; count *= 2) counts.push_back(count);
  counts.insert(counts.end(), {cores, 2 * cores});
  return counts;
}

}  // namespace

std::string_view name_of(ArmKind kind) { return naming_of(kind).name; }

std::optional<ArmKind> arm_kind_of(std::string_view name) {
  const auto found = std::ranges::find(kNamings, name, &Naming::name);
  return found == kNamings.end() ? std::nullopt : std::optional(found->kind);
}

std::string_view title_of(ArmKind kind) { return naming_of(kind).title; }

bool is_serial(ArmKind kind) { return kind == ArmKind::serial || kind == ArmKind::python_serial; }

bool is_processes(ArmKind kind) {
  return kind == ArmKind::processes || kind == ArmKind::processes_fork ||
         kind == ArmKind::python_processes;
}

bool is_ordinary(ArmKind kind) { return kind >= ArmKind::python_serial; }

std::string label_of(const Arm& arm) {
  return std::string(name_of(arm.kind)) + "-" + std::to_string(arm.workers);
}

std::vector<Arm> arms_for(const ArmChoice& choice) {
  std::vector<Arm> arms;
  for (const Naming& naming : kNamings) {
    if (is_ordinary(naming.kind) && !choice.has_ordinary) continue;
    if (naming.kind == ArmKind::subinterpreters && !choice.has_subinterpreters) continue;
    if (naming.kind == ArmKind::processes_fork && !choice.has_fork) continue;
    if (is_serial(naming.kind)) {
      arms.push_back({naming.kind, 1});
      continue;
    }
    for (const std::size_t workers : worker_counts(choice.cores)) {
      arms.push_back({naming.kind, workers});
    }
  }
  return arms;
}

}  // namespace atonce::compare
