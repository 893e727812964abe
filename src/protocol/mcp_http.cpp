#include "protocol/mcp_http.h"

#include "base/base64.h"
#include "base/text.h"

namespace atonce::protocol::mcp {
namespace {

using json::Kind;

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";

RpcError mismatch(std::string message) { return {kHeaderMismatch, std::move(message)}; }

std::optional<RpcError> check_meta(const Message& message) {
  const auto meta = message.param("_meta");
  if (!meta || !meta->is(Kind::object)) {
    return RpcError{kInvalidParams, "`params._meta` must be an object"};
  }
  const auto version = meta->find(kVersionKey);
  if (!version || !version->is(Kind::string)) {
    return RpcError{kInvalidParams, "`_meta` lacks \"" + std::string(kVersionKey) + "\""};
  }
  const auto capabilities = meta->find(kCapabilitiesKey);
  if (!capabilities || !capabilities->is(Kind::object)) {
    return RpcError{kInvalidParams, "`_meta` lacks \"" + std::string(kCapabilitiesKey) + "\""};
  }
  const auto level = meta->find(kLogLevelKey);
  if (level && !level->is(Kind::string)) {
    return RpcError{kInvalidParams, "\"" + std::string(kLogLevelKey) + "\" is no level"};
  }
  return std::nullopt;
}

// Written as digits alone: such numbers are compared by them, since doubles cannot tell large ones
// apart.
bool is_whole(const json::View& value) {
  return value.is(Kind::number) &&
         value.raw().find_first_not_of("-0123456789") == std::string_view::npos;
}

// What Mcp-Name repeats; nothing for methods without one.
std::optional<std::string_view> named_by(const Message& message) {
  const std::string_view method = message.method();
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method.starts_with("tasks/")) return "taskId";
  return std::nullopt;
}

std::optional<RpcError> check_names(const HttpFacts& facts, const Message& message) {
  if (!facts.method) return mismatch("the header Mcp-Method is missing");
  if (trimmed(*facts.method) != message.method()) {
    return mismatch("Mcp-Method is `" + std::string(*facts.method) + "`, the message's method `" +
                    std::string(message.method()) + "`");
  }
  const auto member = named_by(message);
  const std::string_view wanted = member ? message.text_param(*member) : "";
  if (wanted.empty()) return std::nullopt;  // what is missing in the message is told later
  if (!facts.name) return mismatch("the header Mcp-Name is missing");
  const auto name = decode_header(trimmed(*facts.name));
  if (!name || *name != wanted) {
    return mismatch("Mcp-Name is `" + std::string(*facts.name) + "`, `params." +
                    std::string(*member) + "` is `" + std::string(wanted) + "`");
  }
  return std::nullopt;
}

}  // namespace

bool has_modern_meta(const Message& message) { return message.meta(kVersionKey).has_value(); }

std::expected<Era, RpcError> era_of(const HttpFacts& facts, const Message& message) {
  const bool is_marked = has_modern_meta(message);
  if (!facts.version) {
    if (!is_marked || message.method() == "initialize") return Era::legacy;
    return std::unexpected(mismatch("the header MCP-Protocol-Version is missing"));
  }
  const auto revision = revision_of(trimmed(*facts.version));
  if (!revision || is_modern(*revision)) return Era::modern;
  if (!is_marked) return Era::legacy;
  return std::unexpected(mismatch("MCP-Protocol-Version is " + std::string(*facts.version) +
                                  ", but the message's `_meta` is of a later revision"));
}

std::optional<RpcError> check_modern(const HttpFacts& facts, const Message& message, bool is_http) {
  if (message.kind() == Message::Kind::notification) {
    const std::string_view version = facts.version ? trimmed(*facts.version) : "";
    if (is_http && !revision_of(version)) return unsupported_version(version);
    return std::nullopt;
  }
  if (facts.is_repeated) {
    return mismatch("MCP-Protocol-Version, Mcp-Method and Mcp-Name may be there once each");
  }
  if (auto wrong = check_meta(message)) return wrong;
  const std::string_view version = message.meta(kVersionKey)->as_string().value_or("");
  if (is_http && (!facts.version || trimmed(*facts.version) != version)) {
    return mismatch("MCP-Protocol-Version is `" + std::string(facts.version.value_or("")) +
                    "`, the message's is `" + std::string(version) + "`");
  }
  if (is_http) {
    if (auto wrong = check_names(facts, message)) return wrong;
  }
  const auto revision = revision_of(version);
  if (!revision || !is_modern(*revision)) return unsupported_version(version);
  return std::nullopt;
}

RpcError unsupported_version(std::string_view requested) {
  json::Writer data;
  data.begin_object().key("supported").begin_array();
  for (const Revision revision : kRevisions) data.string(name_of(revision));
  data.end_array().key("requested").string(requested).end_object();
  return {kUnsupportedVersion, "this revision is not supported: `" + std::string(requested) + "`",
          data.take()};
}

std::optional<std::string> decode_header(std::string_view value) {
  constexpr std::string_view kBegin = "=?base64?";
  constexpr std::string_view kEnd = "?=";
  if (value.size() < kBegin.size() + kEnd.size() || !value.starts_with(kBegin) ||
      !value.ends_with(kEnd)) {
    return std::string(value);
  }
  value.remove_prefix(kBegin.size());
  value.remove_suffix(kEnd.size());
  auto decoded = from_base64(value);
  if (!decoded) return std::nullopt;
  if (json::to_valid_utf8(*decoded) != *decoded) return std::nullopt;
  return decoded;
}

bool header_says(std::string_view header, const json::View& value) {
  const auto decoded = decode_header(trimmed(header));
  if (!decoded) return false;
  if (const auto text = value.as_string()) return *decoded == *text;
  if (const auto flag = value.as_bool()) return *decoded == (*flag ? "true" : "false");
  const auto number = json::Document::parse(*decoded);
  if (!number || !number->root().is(Kind::number)) return false;
  const json::View said = number->root();
  if (is_whole(said) && is_whole(value)) return said.raw() == value.raw();
  const auto meant = value.as_double();
  return meant && said.as_double() == *meant;
}

}  // namespace atonce::protocol::mcp
