// What became of a call as MCP's result: the members of the result object, without its braces and
// without what belongs to every result of a revision. Pure functions.
#pragma once

#include <cstddef>
#include <expected>
#include <set>
#include <string>
#include <string_view>

#include "call/outcome.h"
#include "call/tool_spec.h"
#include "protocol/mcp_message.h"
#include "protocol/mcp_revision.h"

namespace atonce::protocol::mcp {

// A tool that failed, whatever the reason, has a result too: `isError`, and words that a model can
// go on from. Errors: internal, when what was returned is not what its kind returns.
[[nodiscard]] std::expected<std::string, RpcError> write_tool_result(const call::Outcome& outcome,
                                                                     const call::ToolSpec& tool,
                                                                     Revision revision);

// Errors, of all three: invalid_params, when the arguments do not fit; else internal.
[[nodiscard]] std::expected<std::string, RpcError> write_prompt_result(
    const call::Outcome& outcome);
[[nodiscard]] std::expected<std::string, RpcError> write_resource_result(
    const call::Outcome& outcome);
// Of no more than `most` values.
[[nodiscard]] std::expected<std::string, RpcError> write_completion_result(
    const call::Outcome& outcome, std::size_t most);

// The whole answer to a request. `members` are the result's, without braces. A modern one says what
// kind it is ("complete", "input_required") and which server gave it (`server`, a JSON object);
// what `members` say in `_meta` themselves stays beside that.
[[nodiscard]] std::string write_result(std::string_view id, Revision revision,
                                       std::string_view type, std::string_view members,
                                       std::string_view server);

// A call cannot go on without what the client does not offer.
[[nodiscard]] RpcError missing_capabilities(const std::set<std::string>& names);

}  // namespace atonce::protocol::mcp
