// Checks a file of tools: runs them beside each other, in processes that are thrown away, until
// every pair has been tried often enough or the time is over.
//
// Thread safety: one thread makes and runs it; it runs two at a time on threads of its own.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "check/host.h"
#include "check/plan.h"
#include "check/progress.h"
#include "check/report.h"
#include "check/source.h"

namespace atonce::check {

struct ToolsRequest {
  std::string subject;
  // Changes behaviour.
  Duration budget = std::chrono::seconds(15);  // for all of it
  Duration call_limit = std::chrono::seconds(60);
  bool includes_destructive = false;
  bool minds_gil = true;  // that a module turned it on is a finding
  std::map<std::string, std::vector<std::string>> given = {};  // arguments by the tools' names
  // Changes performance.
  std::size_t runs_at_once = 2;
};

// A report without machine facts. Errors: as ToolsHost::open().
[[nodiscard]] Result<Report> check_tools(const ToolsRequest& request, ToolsHost& host, Clock& clock,
                                         Sources& sources, Progress& progress);

}  // namespace atonce::check
