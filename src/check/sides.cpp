#include "check/sides.h"

#include <algorithm>

namespace atonce::check {

std::vector<Side> sides_of(const Finding& finding) {
  std::vector<Side> sides;
  for (const Access& access : finding.accesses) {
    const auto known = std::ranges::find_if(
        sides, [&access](const Side& side) { return side.front()->thread == access.thread; });
    if (known == sides.end()) {
      sides.push_back({&access});
    } else {
      known->push_back(&access);
    }
  }
  return sides;
}

std::vector<std::string> locks_of(const Side& side) {
  std::vector<std::string> common;
  for (const std::string& lock : side.front()->locks) {
    const bool is_always_held = std::ranges::all_of(side, [&lock](const Access* access) {
      return std::ranges::find(access->locks, lock) != access->locks.end();
    });
    if (is_always_held) common.push_back(lock);
  }
  return common;
}

bool writes(const Access& access) {
  return access.op != "read" && access.op != "iterate" && access.op != "acquire";
}

std::string short_place(const Access& access) {
  const std::string name = access.file.substr(access.file.rfind('/') + 1);
  return name + ":" + std::to_string(access.line);
}

}  // namespace atonce::check
