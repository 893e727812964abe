// The first half of MCP's routing ladder: what the headers of an HTTP request and its message must
// say of each other before anybody looks at the method (contracts of the wire, rows 9 to 15). Pure
// functions.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/mcp_message.h"
#include "protocol/mcp_revision.h"

namespace atonce::protocol::mcp {

// The headers of a request that say what is in it. Views of the request.
struct HttpFacts {
  std::optional<std::string_view> version = std::nullopt;  // MCP-Protocol-Version
  std::optional<std::string_view> method = std::nullopt;   // Mcp-Method
  std::optional<std::string_view> name = std::nullopt;     // Mcp-Name
  bool is_repeated = false;                                // one of them came twice
};

enum class Era { legacy, modern };

// Errors: header_mismatch, when header and message are of two eras.
[[nodiscard]] std::expected<Era, RpcError> era_of(const HttpFacts& facts, const Message& message);

// Whether a message says of itself that it is a modern one.
[[nodiscard]] bool has_modern_meta(const Message& message);

// What is wrong with a modern request or notification; nothing when its method may be looked at.
// `is_http` is false for a transport without headers.
[[nodiscard]] std::optional<RpcError> check_modern(const HttpFacts& facts, const Message& message,
                                                   bool is_http);

// A header's value: as it is, or `=?base64?...?=`. Nothing for what is not its canonical form.
[[nodiscard]] std::optional<std::string> decode_header(std::string_view value);

// Whether a header says what an argument does. `type` is "string", "integer" or "boolean".
[[nodiscard]] bool header_says(std::string_view header, const json::View& value);

// {"supported": [...], "requested": ...}
[[nodiscard]] RpcError unsupported_version(std::string_view requested);

}  // namespace atonce::protocol::mcp
