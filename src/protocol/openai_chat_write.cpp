#include <algorithm>
#include <span>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_chat_message.h"
#include "protocol/openai_strict.h"

namespace atonce::protocol::openai_chat {
namespace {

using json::Kind;
using json::View;

void write_function(json::Writer& writer, std::string_view name, std::string_view arguments) {
  writer.key("function").begin_object().key("name").string(name);
  writer.key("arguments").string(normal_arguments(arguments)).end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked) {
  writer.begin_object().key("role").string("assistant").key("content");
  turn.text.empty() ? writer.null() : writer.string(turn.text);
  if (!asked.empty()) {
    writer.key("tool_calls").begin_array();
    for (const auto& [id, call] : asked) {
      writer.begin_object().key("id").string(id).key("type").string("function");
      write_function(writer, call->name, call->arguments);
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

bool may_stay(const View& call, const std::string& id) {
  if (text_of(call, "id") != id || text_of(call, "type").empty()) return false;
  if (call.find("custom")) return true;
  const auto function = call.find("function");
  return function && !is_blank(text_of(*function, "arguments"));
}

// Whether the model's message can be sent as it is.
bool may_stay(const View& message, const std::vector<View>& calls,
              const std::vector<AskedCall>& asked) {
  const auto all = message.find("tool_calls");
  const std::size_t elements = all ? all->items().size() : 0;
  if (text_of(message, "role") != "assistant" || elements != asked.size()) return false;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    if (!may_stay(calls[at], asked[at].id)) return false;
  }
  return true;
}

// Every member that is not among `left_out`, as it came.
void copy_members(json::Writer& writer, const View& object,
                  std::initializer_list<std::string_view> left_out) {
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(left_out, key) == left_out.end()) writer.key(key).raw(value.raw());
  }
}

void write_mended_call(json::Writer& writer, const View& call, const std::string& id) {
  const std::string type = text_of(call, "type");
  writer.begin_object().key("id").string(id);
  writer.key("type").string(type.empty() ? "function" : type);
  copy_members(writer, call, {"id", "type", "function"});
  if (const auto function = call.find("function"); function && function->is(Kind::object)) {
    writer.key("function").begin_object();
    copy_members(writer, *function, {"arguments"});
    const std::string arguments = arguments_text(*function);
    writer.key("arguments").string(is_blank(arguments) ? "{}" : arguments).end_object();
  } else if (!call.find("custom")) {
    write_function(writer, "", "");
  }
  writer.end_object();
}

void write_mended_turn(json::Writer& writer, const View& message, const std::vector<View>& calls,
                       const std::vector<AskedCall>& asked) {
  writer.begin_object().key("role").string("assistant");
  copy_members(writer, message, {"role", "tool_calls", "function_call"});
  if (!asked.empty()) {
    writer.key("tool_calls").begin_array();
    for (std::size_t at = 0; at < asked.size(); ++at) {
      write_mended_call(writer, calls[at], asked[at].id);
    }
    writer.end_array();
  }
  writer.end_object();
}

// Returns whether there was something to write.
bool write_turn(json::Writer& writer, const ModelTurn& turn, const std::vector<AskedCall>& asked) {
  const auto document = turn.wire == Wire::openai_chat
                            ? json::Document::parse(turn.raw_content)
                            : failure(ErrorCode::bad_input, "the turn is another wire's");
  const bool has_message = document && document->root().is(Kind::object);
  const bool is_refusal = has_message && !refusal_text(document->root()).empty();
  if (turn.text.empty() && asked.empty() && !is_refusal) return false;
  const std::vector<View> calls = has_message ? find_calls(document->root()) : std::vector<View>{};
  // A message with a call in the old form has no tool_calls that could be mended.
  if (!has_message || calls.size() != asked.size()) {
    write_foreign_turn(writer, turn, asked);
  } else if (may_stay(document->root(), calls, asked)) {
    writer.raw(document->root().raw());
  } else {
    write_mended_turn(writer, document->root(), calls, asked);
  }
  return true;
}

void write_results(json::Writer& writer, const FunctionResults& results,
                   const std::vector<AskedCall>& asked) {
  const auto outcomes = match_outcomes(results, asked);
  for (std::size_t at = 0; at < asked.size(); ++at) {
    writer.begin_object().key("role").string("tool").key("tool_call_id").string(asked[at].id);
    writer.key("content").string(result_text(outcomes[at])).end_object();
  }
}

void write_text(json::Writer& writer, std::string_view role, std::string_view text) {
  writer.begin_object().key("role").string(role).key("content").string(text).end_object();
}

void write_messages(json::Writer& writer, const ModelRequest& request) {
  writer.key("messages").begin_array();
  if (!request.system.empty()) write_text(writer, "system", request.system);
  std::vector<AskedCall> open;  // not answered yet
  for (std::size_t at = 0; at < request.messages.size(); ++at) {
    const Message& message = request.messages[at];
    const auto* results = std::get_if<FunctionResults>(&message);
    write_results(writer, results != nullptr ? *results : FunctionResults{}, open);
    open.clear();
    if (const auto* turn = std::get_if<ModelTurn>(&message)) {
      open = ask_calls(*turn, at);
      if (!write_turn(writer, *turn, open)) open.clear();
    } else if (const auto* user = std::get_if<UserText>(&message)) {
      write_text(writer, "user", user->text);
    }
  }
  write_results(writer, FunctionResults{}, open);
  writer.end_array();
}

void write_declaration(json::Writer& writer, const std::string& declaration, bool is_strict) {
  const auto document = json::Document::parse(declaration);
  const auto function = document ? document->root().find("function") : std::nullopt;
  const auto parameters = function ? function->find("parameters") : std::nullopt;
  if (!is_strict || !parameters || !openai::has_strict_form(*parameters)) {
    writer.raw(declaration);
    return;
  }
  writer.begin_object();
  copy_members(writer, document->root(), {"function"});
  writer.key("function").begin_object();
  copy_members(writer, *function, {"strict"});
  writer.key("strict").boolean(true).end_object().end_object();
}

// The tools that may be called and have a declaration, as far as the choice of names is made by
// declaring.
std::vector<const call::ToolSpec*> choose_tools(const ModelRequest& request, bool is_by_name) {
  std::vector<const call::ToolSpec*> chosen;
  const bool takes_all = is_by_name || request.allowed.empty() || request.mode == CallMode::none;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_in =
        takes_all || std::ranges::find(request.allowed, tool.name) != request.allowed.end();
    if (is_in && !tool.declaration(call::Dialect::openai).empty()) chosen.push_back(&tool);
  }
  return chosen;
}

void write_choice(json::Writer& writer, const ModelRequest& request, bool is_by_name) {
  writer.key("tool_choice");
  if (is_by_name) {
    writer.begin_object().key("type").string("function").key("function").begin_object();
    writer.key("name").string(request.allowed.front()).end_object().end_object();
    return;
  }
  switch (request.mode) {
    case CallMode::automatic:
    case CallMode::validated: writer.string("auto"); break;
    case CallMode::any: writer.string("required"); break;
    case CallMode::none: writer.string("none"); break;
  }
}

// Without tools, neither a choice nor parallel_tool_calls is sent: the API refuses them.
void write_tools(json::Writer& writer, const ModelRequest& request, const Options& options) {
  const bool is_by_name = request.mode == CallMode::any && request.allowed.size() == 1 &&
                          std::ranges::find(request.tools, request.allowed.front(),
                                            &call::ToolSpec::name) != request.tools.end();
  const auto tools = choose_tools(request, is_by_name);
  if (tools.empty()) return;
  writer.key("tools").begin_array();
  for (const call::ToolSpec* tool : tools) {
    write_declaration(writer, tool->declaration(call::Dialect::openai), options.strict);
  }
  writer.end_array();
  write_choice(writer, request, is_by_name);
  if (options.parallel_tool_calls) {
    writer.key("parallel_tool_calls").boolean(*options.parallel_tool_calls);
  }
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  json::Writer writer;
  writer.begin_object().key("model").string(options.model);
  write_messages(writer, request);
  write_tools(writer, request, options);
  if (request.temperature) writer.key("temperature").number(*request.temperature);
  if (request.max_output_tokens) {
    writer.key(options.uses_max_completion_tokens ? "max_completion_tokens" : "max_tokens");
    writer.integer(*request.max_output_tokens);
  }
  if (options.stream) {
    writer.key("stream").boolean(true);
    if (options.include_usage) {
      writer.key("stream_options").begin_object().key("include_usage").boolean(true).end_object();
    }
  }
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::openai_chat
