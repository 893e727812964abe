// Checks a program: runs it from its start to its end, again and again with other schedules, while
// there is time.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "check/progress.h"
#include "check/report.h"
#include "check/source.h"

namespace atonce::check {

struct ScriptOrder {
  std::uint64_t seed = 0;
  bool perturbs = true;
  std::vector<Wait> delays{};
};

// What the program's process tells last.
struct ScriptFacts {
  std::size_t most_threads = 0;  // that were alive at once
  int exit_code = 0;
  std::vector<std::string> gil_enablers = {};
  std::vector<std::string> extensions = {};
  std::vector<std::string> raised = {};  // the exceptions that ended threads
  std::string error = {};  // it could not be run; a word of atonce's, not of the program's
};

struct ScriptRun {
  std::vector<Finding> findings = {};
  std::optional<ScriptFacts> facts = std::nullopt;  // not there when it did not come to its end
  bool is_timed_out = false;
  std::string how = {};  // its process ended, in words
};

// What a process tells on the way and last, one JSON object a line; a line cut off is left out.
// docs/formats/lane.md has the form. Does not say how the process ended.
[[nodiscard]] ScriptRun read_script_run(std::string_view lines);

class ScriptHost {
 public:
  virtual ~ScriptHost() = default;

  // Runs it once. The first run has the input and shows its output. Errors: unavailable when the
  // system gives no process.
  [[nodiscard]] virtual Result<ScriptRun> run(const ScriptOrder& order, Duration limit) = 0;
};

struct ScriptRequest {
  std::string subject;
  bool is_pytest = false;                      // whose exit code says that tests failed
  Duration budget = std::chrono::seconds(15);  // for all runs
  Duration limit = std::chrono::seconds(15);   // for the first one
  bool minds_gil = true;
  std::size_t most_runs = 6;
};

// Errors: as ScriptHost::run(); bad_input when the program could not be started.
[[nodiscard]] Result<Report> check_script(const ScriptRequest& request, ScriptHost& host,
                                          Clock& clock, Sources& sources, Progress& progress);

}  // namespace atonce::check
