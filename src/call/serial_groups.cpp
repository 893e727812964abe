#include "call/serial_groups.h"

#include <algorithm>
#include <set>

namespace atonce::call {
namespace {

void keep_one_serial(std::span<ToolSpec> tools, const std::vector<std::string>& names) {
  std::set<std::string> own;  // the groups that the members had
  std::string common;
  for (const ToolSpec& tool : tools) {
    if (std::ranges::find(names, tool.name) == names.end()) continue;
    if (!tool.policy.serial_group.empty()) own.insert(tool.policy.serial_group);
    common += (common.empty() ? "unsafe together: " : ", ") + tool.name;
  }
  if (!own.empty()) common = *own.begin();
  for (ToolSpec& tool : tools) {
    const bool is_member = std::ranges::find(names, tool.name) != names.end();
    if (is_member || own.contains(tool.policy.serial_group)) tool.policy.serial_group = common;
  }
}

}  // namespace

void keep_serial(std::span<ToolSpec> tools, std::span<const std::vector<std::string>> groups) {
  for (const std::vector<std::string>& names : groups) keep_one_serial(tools, names);
}

}  // namespace atonce::call
