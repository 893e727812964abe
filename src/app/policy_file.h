// The policy that `atonce check --write-policy` leaves beside a tools file (check/policy.h), and
// what running the tools makes of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "check/policy.h"
#include "check/report.h"

namespace atonce::app {

// Where it is when --policy does not say otherwise: `tools.atonce.json` beside `tools.py`,
// `folder/atonce.json` in a folder. `spec` is one of the tools'.
// Errors: not_found when a module's file cannot be found.
[[nodiscard]] Result<std::filesystem::path> find_policy_place(const ToolsSettings& tools,
                                                              const std::string& spec);

// Of the tools file, or of all Python files in a folder, in hexadecimal. Errors: not_found.
[[nodiscard]] Result<std::string> hash_tools(const ToolsSettings& tools, const std::string& spec);

// What the report says of these tools, as the policy beside them; where it was written.
// Errors: bad_input when it cannot be.
[[nodiscard]] Result<std::filesystem::path> write_policy_file(const ToolsSettings& tools,
                                                              const std::string& hash,
                                                              const check::Report& report);

// The groups of tools of `spec` that may not run together, as its policy has them; none where there
// is no policy. One that was made of another version of the file is warned of on standard error,
// and still heeded. Errors: not_found, bad_input for a policy that was named and cannot be read;
// with ToolsSettings::requires_check, bad_input unless these very tools have passed their check.
[[nodiscard]] Result<std::vector<std::vector<std::string>>> read_serial_groups(
    const ToolsSettings& tools, const std::string& spec);

}  // namespace atonce::app
