// One run: a few threads that call tools at the same time in a process of their own, and what came
// of it. docs/formats/lane.md has the JSON.
//
// Thread safety: pure functions on values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "check/finding.h"

namespace atonce::check {

// What one thread calls, one after the other.
struct ThreadOrder {
  std::size_t tool = 0;
  std::vector<std::string> arguments;  // JSON texts
};

struct RunOrder {
  std::vector<ThreadOrder> threads;
  std::vector<ThreadOrder> before{};  // called first, while there are no threads
  std::uint64_t seed = 0;
  bool perturbs = true;        // threads are made to wait here and there
  std::vector<Wait> delays{};  // reads there are followed by a wait
  Duration overlap_limit{};    // how long to go on until the threads' calls have met
  std::string journal = {};    // the path of a file for what the run has to say before its end
};

[[nodiscard]] std::string write_order(const RunOrder& order);
// A JSON array: [file, line] or [file, line, element] for each.
void write_waits(json::Writer& writer, const std::vector<Wait>& waits);

struct Run {
  std::size_t overlapped = 0;  // calls of different threads that ran at the same time
  std::vector<Finding> findings = {};
  std::vector<std::string> raised = {};        // "f: ValueError: ...", what calls raised
  std::set<std::string> slow = {};             // tools with a call that took long
  std::vector<std::string> gil_enablers = {};  // modules that turned the GIL on by then
  std::vector<std::string> extensions = {};    // compiled modules that were there by then
};

// Errors: bad_response, with what the run says of itself when it could not do what it was told.
[[nodiscard]] Result<Run> read_run(std::string_view text);

struct RunningCall {
  std::string tool;
  std::string arguments;  // JSON text

  friend bool operator==(const RunningCall&, const RunningCall&) = default;
};

// What a run wrote down as it went, for when it does not come to its end.
struct Journal {
  std::vector<RunningCall> running = {};  // that had no end
  std::vector<RunningCall> forking = {};  // that started a copy of the process
  std::vector<Finding> findings = {};
};

// A line that is cut off is left out.
[[nodiscard]] Journal read_journal(std::string_view text);

}  // namespace atonce::check
