#include "check/facts_text.h"

#include <fmt/format.h>

namespace atonce::check {

std::vector<Finding> gil_findings(const std::vector<std::string>& modules) {
  std::vector<Finding> findings;
  for (const std::string& module : modules) {
    findings.push_back({.kind = "gil_enabled", .variable = module});
  }
  return findings;
}

std::vector<std::string> what_cannot_be_seen(const std::vector<std::string>& extensions) {
  std::vector<std::string> texts;
  for (const std::string& module : extensions) {
    texts.push_back("`" + module + "` is compiled: what it shares inside is not seen");
  }
  return texts;
}

std::string describe_timeout(double limit_seconds) {
  // Three digits of a small number; of a large one they would make it "1.2e+03".
  return limit_seconds < 100 ? fmt::format("did not end within {:.3g} s", limit_seconds)
                             : fmt::format("did not end within {:.0f} s", limit_seconds);
}

std::string describe_end(const RunEnd& end, double limit_seconds) {
  if (!end.journal.forking.empty()) {
    return "forked its process, which has other threads: the copy can hang or hold broken state";
  }
  if (end.is_timed_out) return describe_timeout(limit_seconds);
  return end.how;
}

}  // namespace atonce::check
