// The lines of source files, as they are shown beside a finding and searched for comments.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/finding.h"

namespace atonce::check {

// Thread safety: one thread.
class Sources final {
 public:
  Sources() = default;
  // With these texts instead of files, by their names.
  explicit Sources(const std::map<std::string, std::string>& texts);

  // The line without its end and what blanks stand around it; empty where there is none.
  [[nodiscard]] std::string line(const Place& place);

 private:
  [[nodiscard]] const std::vector<std::string>& lines_of(const std::string& file);

  std::map<std::string, std::vector<std::string>> lines_;
};

// What a comment allows: `# atonce: allow(lost_update) the counter is only shown`.
struct Allowance {
  std::vector<std::string> kinds;
  std::string reason = {};

  friend bool operator==(const Allowance&, const Allowance&) = default;
};

// In the comment at the end of that line of Python, if it holds one.
[[nodiscard]] std::optional<Allowance> allowance_in(std::string_view line);

}  // namespace atonce::check
