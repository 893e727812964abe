// Any bytes as a message of MCP's, with any headers: it is read or refused, and every refusal is
// JSON-RPC with the id of what it refuses.
//
// The first three lines are the headers MCP-Protocol-Version, Mcp-Method and Mcp-Name ("-" for
// none), the rest is the body.

#include "protocol/mcp_message.h"

#include <optional>
#include <string>
#include <utility>

#include "protocol/mcp_http.h"
#include "target.h"

using namespace atonce;
using namespace atonce::protocol::mcp;

namespace {

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::optional<std::string_view> header_of(std::string_view line) {
  return line == "-" ? std::nullopt : std::optional(line);
}

void require_json_rpc(const RpcError& error, std::string_view id) {
  fuzz::require(!error.message.empty(), "an error says why");
  const auto document = json::Document::parse(write_error(id, error));
  fuzz::require(document.has_value(), "an error is JSON");
  const auto echoed = document->root().find("id");
  fuzz::require((echoed ? echoed->raw() : "") == id, "an error echoes the id");
  const auto inner = document->root().find("error");
  fuzz::require(inner && inner->find("code")->as_int64() == error.code, "an error has its code");
}

void look_at(const HttpFacts& facts, const Message& message) {
  const bool has_id = message.kind() != Message::Kind::notification;
  fuzz::require(has_id != message.id().empty(), "all but notifications have an id");
  const auto era = era_of(facts, message);
  if (!era) require_json_rpc(era.error(), message.id());
  for (const bool is_http : {true, false}) {
    const auto wrong = check_modern(facts, message, is_http);
    if (wrong) {
      require_json_rpc(*wrong, message.id());
      fuzz::require(status_of(wrong->code) == 400, "a bad request is one");
    } else if (message.kind() == Message::Kind::request) {
      fuzz::require(has_modern_meta(message), "what is fine says its revision");
    }
  }
  const auto params = message.params();
  for (const json::Member& each : params ? params->members() : std::vector<json::Member>{}) {
    static_cast<void>(header_says(facts.name.value_or(""), each.value));
    const auto text = each.value.as_string();
    if (!text) continue;
    // What is not trimmed away and does not look encoded says itself.
    const bool is_bare = !text->starts_with("=?") && text->find_first_of(" \t\r\n") == text->npos;
    fuzz::require(!is_bare || header_says(*text, each.value), "a text says itself");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  HttpFacts facts;
  facts.version = header_of(take_line(text));
  facts.method = header_of(take_line(text));
  facts.name = header_of(take_line(text));

  const auto decoded = decode_header(facts.name.value_or(""));
  const bool is_utf8 = json::to_valid_utf8(facts.name.value_or("")) == facts.name.value_or("");
  fuzz::require(!decoded || !is_utf8 || json::to_valid_utf8(*decoded) == *decoded,
                "what was encoded is UTF-8");
  const auto batch = read_batch(text);
  if (!batch) {
    require_json_rpc(batch.error(), "");
    return 0;
  }
  fuzz::require(!batch->messages.empty(), "a batch holds something");
  fuzz::require(batch->is_array || batch->messages.size() == 1, "a message is one");
  for (const Message& message : batch->messages) look_at(facts, message);
  return 0;
}
