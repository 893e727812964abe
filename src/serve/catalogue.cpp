#include "serve/catalogue.h"

#include <charconv>

#include "base/base64.h"
#include "base/json.h"
#include "serve/uri_template.h"

namespace atonce::serve {
namespace {

using call::Role;
using call::ToolSpec;
using protocol::mcp::Revision;
using protocol::mcp::RpcError;

constexpr std::size_t kPageEntries = 250;
constexpr std::string_view kCursor = "from:";

constexpr std::string_view member_of(Listed list) {
  switch (list) {
    case Listed::tools: return "tools";
    case Listed::prompts: return "prompts";
    case Listed::resources: return "resources";
    case Listed::templates: break;
  }
  return "resourceTemplates";
}

std::optional<Listed> list_of(Role role) {
  switch (role) {
    case Role::tool: return Listed::tools;
    case Role::prompt: return Listed::prompts;
    case Role::resource: return Listed::resources;
    case Role::resource_template: return Listed::templates;
    case Role::completion: break;
  }
  return std::nullopt;
}

// Whether an entry's member was known then.
bool is_known(std::string_view member, Revision revision) {
  if (member == "title" || member == "outputSchema" || member == "_meta") {
    return protocol::mcp::has_structure(revision);
  }
  if (member == "icons") return revision >= Revision::v2025_11_25;
  if (member == "annotations") return revision >= Revision::v2025_03_26;
  return true;
}

std::string render_for(Revision revision, const std::string& declaration) {
  const auto document = json::Document::parse(declaration);
  if (!document) return declaration;
  json::Writer writer;
  writer.begin_object();
  for (const json::Member& member : document->root().members()) {
    if (is_known(member.key, revision)) writer.key(member.key).raw(member.value.raw());
  }
  writer.end_object();
  return writer.take();
}

std::optional<std::size_t> read_cursor(std::string_view cursor) {
  const auto text = from_base64(cursor);
  if (!text || !text->starts_with(kCursor)) return std::nullopt;
  std::size_t from = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data() + kCursor.size(), end, from);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return from;
}

std::string write_arguments(std::string_view uri,
                            const std::map<std::string, std::string>& variables) {
  json::Writer writer;
  writer.begin_object().key("uri").string(uri);
  for (const auto& [name, value] : variables) {
    if (name != "uri") writer.key(name).string(value);
  }
  writer.end_object();
  return writer.take();
}

}  // namespace

Catalogue::Catalogue(std::span<const ToolSpec> offers) {
  for (const ToolSpec& spec : offers) add(spec);
  render();
}

void Catalogue::add(const ToolSpec& spec) {
  by_name_.emplace(spec.name, &spec);
  if (const auto list = list_of(spec.role)) {
    listed_[static_cast<std::size_t>(*list)].push_back(&spec);
  } else {
    has_completions_ = true;
  }
}

void Catalogue::render() {
  for (std::size_t list = 0; list < kLists; ++list) {
    for (const Revision revision : protocol::mcp::kRevisions) {
      Entries& entries = entries_[list][static_cast<std::size_t>(revision)];
      for (const ToolSpec* const spec : listed_[list]) {
        entries.push_back(render_for(revision, spec->declaration(call::Dialect::mcp)));
      }
    }
  }
}

const ToolSpec* Catalogue::find_tool(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found != by_name_.end() && found->second->role == Role::tool ? found->second : nullptr;
}

const ToolSpec* Catalogue::find_prompt(std::string_view name) const {
  const auto found = by_name_.find("prompt " + std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

const ToolSpec* Catalogue::find_completion(std::string_view kind, std::string_view subject,
                                           std::string_view argument) const {
  std::string name = "completion ";
  name.append(kind).append(" ").append(subject).append(" ").append(argument);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::optional<Catalogue::Resource> Catalogue::find_resource(std::string_view uri) const {
  for (const ToolSpec* const spec : names(Listed::resources)) {
    if (spec->subject == uri) return Resource{spec, write_arguments(uri, {})};
  }
  for (const ToolSpec* const spec : names(Listed::templates)) {
    if (const auto variables = match_template(spec->subject, uri)) {
      return Resource{spec, write_arguments(uri, *variables)};
    }
  }
  return std::nullopt;
}

std::expected<std::string, RpcError> Catalogue::page(Listed list, Revision revision,
                                                     std::optional<std::string_view> cursor) const {
  const Entries& entries =
      entries_[static_cast<std::size_t>(list)][static_cast<std::size_t>(revision)];
  const auto from = cursor ? read_cursor(*cursor) : 0;
  if (!from || (cursor && *from >= entries.size())) {
    return std::unexpected(
        RpcError{protocol::mcp::kInvalidParams, "`cursor` is none that was given out"});
  }
  const std::size_t end = std::min(entries.size(), *from + kPageEntries);
  std::string text = "\"" + std::string(member_of(list)) + "\":[";
  for (std::size_t at = *from; at < end; ++at) text.append(at > *from ? "," : "") += entries[at];
  text += "]";
  if (end < entries.size()) {
    text += R"(,"nextCursor":")" + to_base64(std::string(kCursor) + std::to_string(end)) + "\"";
  }
  return text;
}

}  // namespace atonce::serve
