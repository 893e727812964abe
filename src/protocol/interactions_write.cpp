#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/interactions.h"
#include "protocol/interactions_input.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::interactions {
namespace {

using json::Kind;
using json::View;

bool is_any_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

// A schema as it is but for empty lists of required members, however deep they are.
void write_schema(json::Writer& writer, const View& schema) {
  if (schema.is(Kind::array)) {
    writer.begin_array();
    for (const View& item : schema.items()) write_schema(writer, item);
    writer.end_array();
    return;
  }
  if (!schema.is(Kind::object)) {
    writer.raw(schema.raw());
    return;
  }
  writer.begin_object();
  for (const auto& [key, value] : schema.members()) {
    if (key == "required" && value.is(Kind::array) && value.items().empty()) continue;
    writer.key(key);
    if (is_any_of(key, {"default", "const", "enum", "example", "examples"})) {
      writer.raw(value.raw());  // values, not schemas
    } else if (is_any_of(key, {"properties", "patternProperties", "$defs", "definitions"}) &&
               value.is(Kind::object)) {
      writer.begin_object();
      for (const auto& [name, inner] : value.members()) {
        writer.key(name);
        write_schema(writer, inner);
      }
      writer.end_object();
    } else {
      write_schema(writer, value);
    }
  }
  writer.end_object();
}

void write_declaration(json::Writer& writer, const View& declaration) {
  writer.begin_object().key("type").string("function");
  writer.key("name").string(text_of(declaration, "name"));
  writer.key("description").string(text_of(declaration, "description"));
  if (const auto schema = declaration.find_either("parametersJsonSchema", "parameters")) {
    writer.key("parameters");
    write_schema(writer, *schema);
  }
  writer.end_object();
}

std::vector<json::Document> choose_tools(const ModelRequest& request) {
  std::vector<json::Document> chosen;
  const bool takes_all = request.mode != CallMode::automatic || request.allowed.empty();
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_in =
        takes_all || std::ranges::find(request.allowed, tool.name) != request.allowed.end();
    auto document = json::Document::parse(tool.declaration(call::Dialect::gemini));
    if (is_in && document) chosen.push_back(*std::move(document));
  }
  return chosen;
}

std::string_view mode_name(CallMode mode) {
  switch (mode) {
    case CallMode::automatic: return "auto";
    case CallMode::any: return "any";
    case CallMode::none: return "none";
    case CallMode::validated: return "validated";
  }
  return "auto";
}

std::string_view name_of(ProviderTool tool) {
  switch (tool) {
    case ProviderTool::search: return "google_search";
    case ProviderTool::code_execution: return "code_execution";
    case ProviderTool::url_context: return "url_context";
  }
  return "google_search";
}

void write_tools(json::Writer& writer, const std::vector<json::Document>& tools,
                 const std::vector<ProviderTool>& provider_tools) {
  if (tools.empty() && provider_tools.empty()) return;
  writer.key("tools").begin_array();
  for (const auto& tool : tools) write_declaration(writer, tool.root());
  for (const ProviderTool tool : provider_tools) {
    writer.begin_object().key("type").string(name_of(tool)).end_object();
  }
  writer.end_array();
}

void write_choice(json::Writer& writer, const ModelRequest& request) {
  writer.key("tool_choice");
  const bool takes_names = request.mode == CallMode::any || request.mode == CallMode::validated;
  if (!takes_names || request.allowed.empty()) {
    writer.string(mode_name(request.mode));
    return;
  }
  writer.begin_object().key("allowed_tools").begin_object();
  writer.key("mode").string(mode_name(request.mode)).key("tools").begin_array();
  for (const std::string& name : request.allowed) writer.string(name);
  writer.end_array().end_object().end_object();
}

void write_generation_config(json::Writer& writer, const ModelRequest& request, bool has_tools) {
  if (!request.temperature && !request.max_output_tokens && !has_tools) return;
  writer.key("generation_config").begin_object();
  if (request.temperature) writer.key("temperature").number(*request.temperature);
  if (request.max_output_tokens) {
    writer.key("max_output_tokens").integer(*request.max_output_tokens);
  }
  if (has_tools) write_choice(writer, request);
  writer.end_object();
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  std::optional<std::size_t> kept;
  if (options.is_stateful) kept = find_kept(request.messages, Wire::interactions);
  const auto tools = choose_tools(request);
  json::Writer writer;
  writer.begin_object().key("model").string(options.model);
  if (!request.system.empty()) writer.key("system_instruction").string(request.system);
  if (kept) {
    const auto& turn = std::get<ModelTurn>(request.messages[*kept]);
    writer.key("previous_interaction_id").string(turn.response_id);
  }
  writer.key("input");
  write_input(writer, request.messages, kept);
  write_tools(writer, tools, request.provider_tools);
  write_generation_config(writer, request, !tools.empty());
  writer.key("store").boolean(options.is_stateful);
  if (options.stream) writer.key("stream").boolean(true);
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::interactions
