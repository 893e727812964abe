// What a check of a tools file lets its calls do: NAME.atonce.json beside the file, as
// docs/formats/policy.md has it.
//
// Thread safety: pure functions on values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "check/report.h"

namespace atonce::check {

struct Policy {
  std::string file_sha256;   // of the tools file that was checked, in hexadecimal
  std::string verdict;       // name_of(Verdict)
  std::string checked_with;  // the version of atonce
  // Tools of one group run one at a time; one that is not safe beside itself may be alone in its.
  std::vector<std::vector<std::string>> serial = {};

  friend bool operator==(const Policy&, const Policy&) = default;
};

// Names that are joined by pairs, directly or by others, as groups; all sorted.
[[nodiscard]] std::vector<std::vector<std::string>> groups_of(const std::vector<NamePair>& pairs);

// A JSON document that ends in a newline.
[[nodiscard]] std::string write_policy(const Policy& policy);

// Members that are not known are left for later versions. Errors: bad_input, with what is wrong.
[[nodiscard]] Result<Policy> read_policy(std::string_view text);

}  // namespace atonce::check
