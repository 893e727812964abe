// One way to run the calls: where they run, and how many of them at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atonce::compare {

// The first six run in the Python inside, the last three in an ordinary one (--python PATH).
enum class ArmKind {
  serial,            // a loop over one lane, GIL off
  threads_gil,       // threads of one process with the GIL on
  threads_nogil,     // the same with the GIL off
  processes,         // child processes, each with a Python of its own, started anew
  processes_fork,    // child processes forked from one that has the tools already
  subinterpreters,   // threads of one process, each with an interpreter of its own
  python_serial,     // a loop in one process
  python_threads,    // its threads, under its GIL
  python_processes,  // its child processes, started anew
};

// "serial", "threads_gil" and so on, as reports write it.
[[nodiscard]] std::string_view name_of(ArmKind kind);
[[nodiscard]] std::optional<ArmKind> arm_kind_of(std::string_view name);

// "threads, GIL off": for people.
[[nodiscard]] std::string_view title_of(ArmKind kind);

[[nodiscard]] bool is_serial(ArmKind kind);     // has one worker, always
[[nodiscard]] bool is_processes(ArmKind kind);  // copies arguments and results between processes
[[nodiscard]] bool is_ordinary(ArmKind kind);   // runs in the Python of --python

struct Arm {
  ArmKind kind = ArmKind::serial;
  std::size_t workers = 1;

  friend auto operator<=>(const Arm&, const Arm&) = default;
};

// "threads_nogil-4": unique among arms.
[[nodiscard]] std::string label_of(const Arm& arm);

struct ArmChoice {
  std::size_t cores = 1;
  bool has_subinterpreters = false;
  bool has_fork = false;
  bool has_ordinary = false;
};

// Every kind with 1, 2, 4 ... workers up to the cores, the cores themselves, and twice as many; the
// serial ones once. Serial comes first.
[[nodiscard]] std::vector<Arm> arms_for(const ArmChoice& choice);

}  // namespace atonce::compare
