// The seam between deciding what to try and the processes in which it is tried.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "check/run.h"

namespace atonce::check {

// What a tool is, and what it may be called with.
struct ToolFacts {
  std::string name;
  bool is_destructive = false;
  bool is_isolated = false;  // its calls run in processes of their own and share nothing
  std::string serial_group = {};
  std::optional<std::size_t> max_concurrency = std::nullopt;
  std::vector<std::string> arguments = {};  // JSON texts; none when `trouble` says why
  std::string trouble = {};
};

struct ToolsFacts {
  std::vector<ToolFacts> tools = {};
  std::vector<std::string> gil_enablers = {};  // the modules that turned the GIL on when loaded
  std::vector<std::string> extensions = {};    // compiled modules that the tools brought
  std::vector<std::string> warnings = {};
};

// How a run went that was tried.
struct RunEnd {
  std::optional<Run> run = std::nullopt;  // not there when it did not come to its end
  bool is_timed_out = false;
  std::string how = {};  // it ended, in words, when there is no run
  Journal journal = {};
};

// Thread safety: open() first and once; run() from several threads.
class ToolsHost {
 public:
  virtual ~ToolsHost() = default;  // ends its processes

  // Loads the tools and makes arguments for each: `given` ones where there are some of its name.
  // Errors: bad_tools with what is wrong with the file; timed_out; unavailable, saying how the
  // process ended.
  [[nodiscard]] virtual Result<ToolsFacts> open(
      const std::map<std::string, std::vector<std::string>>& given, Duration limit) = 0;

  // Makes one run in a process of its own, that is ended after `limit`.
  [[nodiscard]] virtual RunEnd run(const RunOrder& order, Duration limit) = 0;
};

}  // namespace atonce::check
