// All that is served: tools, prompts, resources and completions, and the lists that tell clients of
// them.
//
// Thread safety: constant after construction.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "call/tool_spec.h"
#include "protocol/mcp_message.h"
#include "protocol/mcp_revision.h"

namespace atonce::serve {

// What has a list of its own.
enum class Listed { tools, prompts, resources, templates };
inline constexpr std::size_t kLists = 4;

class Catalogue final {
 public:
  // `offers` are all that the engine can run, and must outlive it.
  explicit Catalogue(std::span<const call::ToolSpec> offers);

  [[nodiscard]] const call::ToolSpec* find_tool(std::string_view name) const;
  [[nodiscard]] const call::ToolSpec* find_prompt(std::string_view name) const;
  // For an argument of a prompt ("prompt") or of a resource's template ("template").
  [[nodiscard]] const call::ToolSpec* find_completion(std::string_view kind,
                                                      std::string_view subject,
                                                      std::string_view argument) const;

  struct Resource {
    const call::ToolSpec* spec = nullptr;
    std::string arguments;  // JSON, for the call that reads it
  };
  // The resource of that address, or the first template that the address fits.
  [[nodiscard]] std::optional<Resource> find_resource(std::string_view uri) const;

  [[nodiscard]] bool has(Listed list) const { return !names(list).empty(); }
  [[nodiscard]] bool has_completions() const { return has_completions_; }

  // One page, as the members of a result: `"tools":[...]`, and `"nextCursor"` where there is more.
  // Errors: invalid_params, for a cursor that is none of ours.
  [[nodiscard]] std::expected<std::string, protocol::mcp::RpcError> page(
      Listed list, protocol::mcp::Revision revision, std::optional<std::string_view> cursor) const;

 private:
  using Entries = std::vector<std::string>;  // JSON objects

  [[nodiscard]] const std::vector<const call::ToolSpec*>& names(Listed list) const {
    return listed_[static_cast<std::size_t>(list)];
  }
  void add(const call::ToolSpec& spec);
  void render();

  std::map<std::string, const call::ToolSpec*, std::less<>> by_name_;  // the engine's names
  std::array<std::vector<const call::ToolSpec*>, kLists> listed_;
  // By list and revision: the entries as that revision has them.
  std::array<std::array<Entries, protocol::mcp::kRevisions.size()>, kLists> entries_;
  bool has_completions_ = false;
};

}  // namespace atonce::serve
