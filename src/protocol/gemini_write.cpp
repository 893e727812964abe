#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/gemini_contents.h"

namespace atonce::protocol::gemini {
namespace {

std::string_view mode_name(CallMode mode) {
  switch (mode) {
    case CallMode::automatic: return "AUTO";
    case CallMode::any: return "ANY";
    case CallMode::none: return "NONE";
    case CallMode::validated: return "VALIDATED";
  }
  return "AUTO";
}

std::string_view name_of(ProviderTool tool) {
  switch (tool) {
    case ProviderTool::search: return "googleSearch";
    case ProviderTool::code_execution: return "codeExecution";
    case ProviderTool::url_context: return "urlContext";
  }
  return "googleSearch";
}

// The declarations that the request may use.
std::vector<std::string_view> find_declarations(const ModelRequest& request) {
  std::vector<std::string_view> declarations;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_out = request.mode == CallMode::automatic && !request.allowed.empty() &&
                        std::ranges::find(request.allowed, tool.name) == request.allowed.end();
    const std::string& declaration = tool.declaration(call::Dialect::gemini);
    if (!is_out && !declaration.empty()) declarations.push_back(declaration);
  }
  return declarations;
}

void write_tools(json::Writer& writer, const std::vector<std::string_view>& declarations,
                 const std::vector<ProviderTool>& provider_tools) {
  writer.key("tools").begin_array();
  if (!declarations.empty()) {
    writer.begin_object().key("functionDeclarations").begin_array();
    for (const std::string_view declaration : declarations) writer.raw(declaration);
    writer.end_array().end_object();
  }
  for (const ProviderTool tool : provider_tools) {
    writer.begin_object().key(name_of(tool)).begin_object().end_object().end_object();
  }
  writer.end_array();
}

void write_tool_config(json::Writer& writer, const ModelRequest& request, const Options& options) {
  writer.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  writer.key("mode").string(mode_name(request.mode));
  const bool takes_names = request.mode == CallMode::any || request.mode == CallMode::validated;
  if (takes_names && !request.allowed.empty()) {
    writer.key("allowedFunctionNames").begin_array();
    for (const std::string& name : request.allowed) writer.string(name);
    writer.end_array();
  }
  if (options.is_vertex && options.stream && is_gemini_3_or_later(options.model)) {
    writer.key("streamFunctionCallArguments").boolean(true);
  }
  writer.end_object();
  // Gemini's own API refuses both kinds of tools together without it; Vertex AI refuses it.
  if (!request.provider_tools.empty() && !options.is_vertex) {
    writer.key("includeServerSideToolInvocations").boolean(true);
  }
  writer.end_object();
}

void write_generation_config(json::Writer& writer, const ModelRequest& request) {
  if (!request.temperature && !request.max_output_tokens) return;
  writer.key("generationConfig").begin_object();
  if (request.temperature) writer.key("temperature").number(*request.temperature);
  if (request.max_output_tokens) writer.key("maxOutputTokens").integer(*request.max_output_tokens);
  writer.end_object();
}

// Of the last message, if it is a turn that is to go on; empty otherwise.
std::string_view continuation_token(std::span<const Message> messages) {
  const auto* const turn = messages.empty() ? nullptr : std::get_if<ModelTurn>(&messages.back());
  return turn != nullptr && turn->wire == Wire::gemini ? turn->continuation_token
                                                       : std::string_view{};
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  json::Writer writer;
  writer.begin_object();
  const std::string_view token = continuation_token(request.messages);
  const auto messages =
      token.empty() ? request.messages : request.messages.first(request.messages.size() - 1);
  writer.key("contents");
  write_contents(writer, messages, options.model);
  if (!request.system.empty()) {
    writer.key("systemInstruction").begin_object().key("parts").begin_array();
    writer.begin_object().key("text").string(request.system).end_object();
    writer.end_array().end_object();
  }
  const std::vector<std::string_view> declarations = find_declarations(request);
  if (!declarations.empty() || !request.provider_tools.empty()) {
    write_tools(writer, declarations, request.provider_tools);
  }
  // The API refuses a mode without functions.
  if (!declarations.empty()) write_tool_config(writer, request, options);
  write_generation_config(writer, request);
  if (!token.empty()) writer.key("continuationToken").string(token);
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::gemini
