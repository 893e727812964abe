// The findings of many runs as one list: equal ones once, suspicions settled, what follows from
// another left out.
//
// A finding of one kind, of one variable, at the same lines is the same finding. Two sorts are
// suspicions that another run, with waits at their lines, has to settle: a potential one is told
// only when it was seen to happen; a guess is replaced by what was seen of its variable.
//
// Thread safety: one thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "check/finding.h"

namespace atonce::check {

// Two tools, in the order of their names; one may pair with itself.
using NamePair = std::array<std::string, 2>;
[[nodiscard]] NamePair pair_of(std::string one, std::string other);

struct Found {
  Finding finding;
  std::size_t runs = 0;        // in which it was seen
  std::set<NamePair> pairs{};  // the tools whose calls made it; empty for a script

  // The tools of all pairs, sorted.
  [[nodiscard]] std::vector<std::string> functions() const;
};

class Collected final {
 public:
  // What one run saw while it ran calls of `pair`; nothing for a script. Returns the suspicions
  // that are new: for each what to try to settle it, one run for an element of the outer list.
  std::vector<std::vector<Wait>> add(std::vector<Finding> findings,
                                     const std::optional<NamePair>& pair);

  // What is to be told: errors first, then in the order of files and lines.
  [[nodiscard]] std::vector<Found> settled() const;

  [[nodiscard]] bool has_errors() const;

 private:
  [[nodiscard]] Found* find(const Finding& finding);

  std::vector<Found> found_;
};

}  // namespace atonce::check
