#include "protocol/mcp_result.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/media.h"

namespace atonce::protocol::mcp {
namespace {

using json::Kind;
using json::View;

constexpr std::string_view kText = "atonce:text";
constexpr std::string_view kLink = "atonce:resource_link";
constexpr std::string_view kResource = "atonce:resource";
constexpr std::string_view kResult = "atonce:result";
constexpr std::string_view kServerKey = "io.modelcontextprotocol/serverInfo";

// The only member of an object, if it is called that.
std::optional<View> marked(const View& value, std::string_view mark) {
  if (!value.is(Kind::object)) return std::nullopt;
  const auto inner = value.find(mark);
  return inner && value.members().size() == 1 ? inner : std::nullopt;
}

bool is_media(const View& value) {
  if (!value.is(Kind::object)) return false;
  const auto type = value.find("media_type");
  const auto data = value.find("data");
  return type && data && type->is(Kind::string) && data->is(Kind::string) &&
         value.members().size() == 2;
}

bool is_block(const View& value) {
  return is_media(value) || marked(value, kText) || marked(value, kLink) ||
         marked(value, kResource);
}

// The blocks of MCP's content, one after another.
class Blocks {
 public:
  explicit Blocks(Revision revision) : revision_(revision) { writer_.begin_array(); }

  // A list with a block in it is a list of blocks; anything else is one.
  void add(const View& value) {
    const auto items = value.items();
    if (std::ranges::any_of(items, is_block)) {
      for (const View& item : items) add_one(item);
    } else {
      add_one(value);
    }
  }

  void add_text(std::string_view text) {
    writer_.begin_object().key("type").string("text").key("text").string(text).end_object();
  }

  [[nodiscard]] std::string take() { return writer_.end_array().take(); }

 private:
  void add_one(const View& value) {
    if (const auto text = value.as_string()) return add_text(*text);
    if (is_media(value)) return add_media(text_in(value, "media_type"), text_in(value, "data"));
    if (const auto text = marked(value, kText)) return add_members("text", *text);
    if (const auto link = marked(value, kLink)) return add_link(*link);
    if (const auto resource = marked(value, kResource)) return add_resource(*resource);
    add_value(value);
  }

  // JSON as text, with the files in it as blocks of their own.
  void add_value(const View& value) {
    const auto parts = extract_media(call::Returned{std::string(value.raw())}, shown_below);
    add_text(std::get<call::Returned>(parts.outcome).result);
    for (const Media& media : parts.media) add_media(media.media_type, media.data);
  }

  void add_media(std::string_view type, std::string_view data) {
    const MediaKind kind = kind_of(type);
    const bool is_audio = kind == MediaKind::audio && has_audio(revision_);
    writer_.begin_object();
    if (kind == MediaKind::image || is_audio) {
      writer_.key("type").string(is_audio ? "audio" : "image");
      writer_.key("data").string(data).key("mimeType").string(type).end_object();
      return;
    }
    writer_.key("type").string("resource").key("resource").begin_object();
    writer_.key("uri").string("attachment:" + std::to_string(++attachments_));
    writer_.key("mimeType").string(type).key("blob").string(data).end_object().end_object();
  }

  void add_link(const View& link) {
    if (!has_structure(revision_)) return add_text(text_in(link, "uri"));
    add_members("resource_link", link);
  }

  // What belongs to the block stands beside the resource, not in it.
  void add_resource(const View& resource) {
    writer_.begin_object().key("type").string("resource").key("resource").begin_object();
    std::vector<json::Member> outside;
    for (const json::Member& member : resource.members()) {
      if (member.key == "annotations" || member.key == "_meta") {
        outside.push_back(member);
      } else if (member.key == "blob" && is_media(member.value)) {
        writer_.key("mimeType").string(text_in(member.value, "media_type"));
        writer_.key("blob").string(text_in(member.value, "data"));
      } else {
        writer_.key(member.key).raw(member.value.raw());
      }
    }
    writer_.end_object();
    for (const json::Member& member : outside) writer_.key(member.key).raw(member.value.raw());
    writer_.end_object();
  }

  void add_members(std::string_view type, const View& object) {
    writer_.begin_object().key("type").string(type);
    for (const json::Member& member : object.members()) {
      writer_.key(member.key).raw(member.value.raw());
    }
    writer_.end_object();
  }

  static std::string_view text_in(const View& object, std::string_view name) {
    const auto member = object.find(name);
    return member ? member->as_string().value_or("") : "";
  }

  const Revision revision_;
  json::Writer writer_;
  int attachments_ = 0;
};

bool may_hold_blocks(std::string_view json) {
  return json.contains("\"media_type\"") || json.contains("\"atonce:");
}

// Structured content is an object in every revision, so that one client reads all.
std::string structured(std::string_view json, bool is_object) {
  return is_object ? std::string(json) : R"({"result":)" + std::string(json) + "}";
}

std::string write_error_result(std::string_view text) {
  return R"("content":[{"type":"text","text":)" + json::quoted(text) + R"(}],"isError":true)";
}

// The result of a function that said every part of it.
std::string write_parts(const View& result, Revision revision) {
  Blocks blocks(revision);
  const auto content = result.find("content");
  for (const View& item : content ? content->items() : std::vector<View>{}) blocks.add(item);
  std::string text = R"("content":)" + blocks.take();
  const auto value = result.find("structured");
  if (value && has_structure(revision)) {
    text += R"(,"structuredContent":)" + structured(value->raw(), value->is(Kind::object));
  }
  const auto error = result.find("is_error");
  if (error && error->as_bool().value_or(false)) text += R"(,"isError":true)";
  if (const auto meta = result.find("meta")) text.append(R"(,"_meta":)").append(meta->raw());
  return text;
}

// Of JSON without blocks: a text is itself, anything else is its JSON.
std::string write_plain(const std::string& json, const call::Output& output, Revision revision) {
  const bool is_structured = output.has_schema && has_structure(revision);
  const bool has_text = !is_structured || output.mode != call::StructuredMode::only;
  std::string text;
  text.reserve(2 * json.size() + 100);
  text += R"("content":[)";
  if (has_text) {
    const bool is_text = json.starts_with('"');
    text.append(R"({"type":"text","text":)").append(is_text ? json : json::quoted(json));
    text += "}";
  }
  text += "]";
  if (is_structured && output.mode != call::StructuredMode::text) {
    text += R"(,"structuredContent":)" + structured(json, !output.is_wrapped);
  }
  return text;
}

std::string write_returned(const std::string& json, const call::ToolSpec& tool, Revision revision) {
  if (!may_hold_blocks(json)) return write_plain(json, tool.output, revision);
  const auto document = json::Document::parse(json);
  if (!document) return write_plain(json, tool.output, revision);
  const View root = document->root();
  if (const auto parts = marked(root, kResult)) return write_parts(*parts, revision);
  Blocks blocks(revision);
  blocks.add(root);
  std::string text = R"("content":)" + blocks.take();
  if (tool.output.has_schema && has_structure(revision)) {
    text += R"(,"structuredContent":)" + structured(json, !tool.output.is_wrapped);
  }
  return text;
}

// What a call that is no tool's comes to.
std::expected<std::string, RpcError> returned(const call::Outcome& outcome) {
  if (const auto* const value = std::get_if<call::Returned>(&outcome)) return value->result;
  const bool is_invalid = std::holds_alternative<call::Invalid>(outcome);
  return std::unexpected(
      RpcError{is_invalid ? kInvalidParams : kInternalError, call::describe(outcome)});
}

std::unexpected<RpcError> unexpected_result() {
  return std::unexpected(RpcError{kInternalError, "the function returned what its kind does not"});
}

// The members, and in their `_meta` the server.
std::string add_server(std::string_view members, std::string_view server) {
  json::Writer writer;
  writer.begin_object().key(kServerKey).raw(server);
  const auto document = json::Document::parse("{" + std::string(members) + "}");
  std::string others;
  for (const json::Member& member :
       document ? document->root().members() : std::vector<json::Member>{}) {
    if (member.key != "_meta") {
      others.append(json::quoted(member.key)).append(":").append(member.value.raw()).append(",");
      continue;
    }
    for (const json::Member& each : member.value.members()) {
      if (each.key != kServerKey) writer.key(each.key).raw(each.value.raw());
    }
  }
  return others + R"("_meta":)" + writer.end_object().take();
}

}  // namespace

std::string write_result(std::string_view id, Revision revision, std::string_view type,
                         std::string_view members, std::string_view server) {
  std::string text;
  text.reserve(id.size() + type.size() + members.size() + server.size() + 160);
  text.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":{)");
  if (!is_modern(revision)) return text.append(members).append("}}");
  text.append(R"("resultType":")").append(type).append("\",");
  if (members.contains(R"("_meta")")) {
    return text.append(add_server(members, server)).append("}}");
  }
  if (!members.empty()) text.append(members).append(",");
  text.append(R"("_meta":{")").append(kServerKey).append("\":").append(server);
  return text.append("}}}");
}

std::expected<std::string, RpcError> write_tool_result(const call::Outcome& outcome,
                                                       const call::ToolSpec& tool,
                                                       Revision revision) {
  const auto* const value = std::get_if<call::Returned>(&outcome);
  if (value == nullptr) return write_error_result(call::describe(outcome));
  return write_returned(value->result, tool, revision);
}

std::expected<std::string, RpcError> write_prompt_result(const call::Outcome& outcome) {
  auto result = returned(outcome);
  if (!result) return result;
  if (!result->starts_with('{') || !result->ends_with('}')) return unexpected_result();
  return result->substr(1, result->size() - 2);
}

std::expected<std::string, RpcError> write_resource_result(const call::Outcome& outcome) {
  auto result = returned(outcome);
  if (!result) return result;
  if (!result->starts_with('[')) return unexpected_result();
  return R"("contents":)" + *result;
}

std::expected<std::string, RpcError> write_completion_result(const call::Outcome& outcome,
                                                             std::size_t most) {
  const auto result = returned(outcome);
  if (!result) return result;
  const auto document = json::Document::parse(*result);
  if (!document || !document->root().is(Kind::array)) return unexpected_result();
  const auto values = document->root().items();
  json::Writer writer;
  writer.begin_object().key("values").begin_array();
  for (std::size_t at = 0; at < std::min(most, values.size()); ++at) writer.raw(values[at].raw());
  writer.end_array().key("total").integer(static_cast<std::int64_t>(values.size()));
  writer.key("hasMore").boolean(values.size() > most).end_object();
  return R"("completion":)" + writer.take();
}

RpcError missing_capabilities(const std::set<std::string>& names) {
  json::Writer data;
  std::string said;
  data.begin_object().key("requiredCapabilities").begin_object();
  for (const std::string& name : names) {
    data.key(name).begin_object().end_object();
    said += (said.empty() ? "" : ", ") + name;
  }
  data.end_object().end_object();
  return {kMissingCapability, "the client does not offer what this needs: " + said, data.take()};
}

}  // namespace atonce::protocol::mcp
