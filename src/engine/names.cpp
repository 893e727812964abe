#include "engine/names.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace atonce::engine {
namespace {

constexpr std::size_t kMostListed = 20;

// Levenshtein's distance: insertions, deletions and replacements of one letter.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string describe_unknown_tool(std::string_view name, std::span<const call::ToolSpec> tools) {
  tools = tools.first(static_cast<std::size_t>(
      std::ranges::find_if(
          tools, [](const call::ToolSpec& each) { return each.role != call::Role::tool; }) -
      tools.begin()));
  name = name.substr(0, 100);  // a model's invention may be long, and the distance is quadratic
  std::string message = "unknown tool `" + std::string(name) + "`;";
  const auto nearest = std::ranges::min_element(
      tools, {}, [&](const call::ToolSpec& tool) { return distance(name, tool.name); });
  if (nearest != tools.end() && distance(name, nearest->name) <= nearest->name.size() / 3 + 1) {
    message += " did you mean `" + nearest->name + "`?";
  }
  message += " known tools: ";
  for (std::size_t at = 0; at < tools.size() && at < kMostListed; ++at) {
    message += (at == 0 ? "" : ", ") + tools[at].name;
  }
  if (tools.size() > kMostListed) {
    message += " and " + std::to_string(tools.size() - kMostListed) + " more";
  }
  return message;
}

}  // namespace atonce::engine
