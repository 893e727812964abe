#include <algorithm>
#include <initializer_list>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/openai_chat_message.h"
#include "protocol/openai_responses.h"
#include "protocol/openai_responses_turn.h"
#include "protocol/openai_strict.h"

namespace atonce::protocol::openai_responses {
namespace {

using json::Kind;
using json::View;
using openai_chat::text_of;

void write_text(json::Writer& writer, std::string_view role, std::string_view text) {
  writer.begin_object().key("role").string(role).key("content").string(text).end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked) {
  if (!turn.text.empty()) write_text(writer, "assistant", turn.text);
  for (const auto& [id, call] : asked) {
    writer.begin_object().key("type").string("function_call").key("call_id").string(id);
    writer.key("name").string(call->name);
    writer.key("arguments").string(openai_chat::normal_arguments(call->arguments)).end_object();
  }
}

// Every member that is not among `left_out`, as it came.
void copy_members(json::Writer& writer, const View& object,
                  std::initializer_list<std::string_view> left_out) {
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(left_out, key) == left_out.end()) writer.key(key).raw(value.raw());
  }
}

bool is_custom(const View& item) { return text_of(item, "type") == "custom_tool_call"; }

void write_call(json::Writer& writer, const View& item, const std::string& id) {
  const auto arguments = item.find(is_custom(item) ? "input" : "arguments");
  const bool has_arguments = arguments && arguments->is(Kind::string);
  if (text_of(item, "call_id") == id && has_arguments) {
    writer.raw(item.raw());
    return;
  }
  writer.begin_object();
  copy_members(writer, item, {"call_id", "arguments", "input"});
  writer.key("call_id").string(id);
  if (is_custom(item)) {
    writer.key("input").string(has_arguments ? *arguments->as_string() : "");
  } else {
    writer.key("arguments").string(read_call(item).arguments);
  }
  writer.end_object();
}

// The items of a turn of this wire whose calls are those of the turn; else none.
std::vector<View> items_of(const ModelTurn& turn, const Result<json::Document>& document) {
  if (turn.wire != Wire::openai_responses || !document) return {};
  std::vector<View> items = document->root().items();
  const auto calls = std::ranges::count_if(items, is_call);
  return static_cast<std::size_t>(calls) == turn.calls.size() ? items : std::vector<View>{};
}

// The types of the calls decide the types of their outputs.
struct OpenCalls {
  std::vector<AskedCall> asked;
  std::vector<bool> are_custom;
};

OpenCalls open_calls(const ModelTurn& turn, std::size_t number, const std::vector<View>& items) {
  OpenCalls open{.asked = ask_calls(turn, number), .are_custom = {}};
  for (const View& item : items) {
    if (is_call(item)) open.are_custom.push_back(is_custom(item));
  }
  open.are_custom.resize(open.asked.size());
  return open;
}

void write_turn(json::Writer& writer, const ModelTurn& turn, const std::vector<View>& items,
                const std::vector<AskedCall>& asked) {
  if (items.empty()) return write_foreign_turn(writer, turn, asked);
  std::size_t calls = 0;
  for (const View& item : items) {
    if (is_call(item)) {
      write_call(writer, item, asked[calls++].id);
    } else {
      writer.raw(item.raw());
    }
  }
}

void write_outputs(json::Writer& writer, const FunctionResults& results, const OpenCalls& open) {
  const auto outcomes = match_outcomes(results, open.asked);
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    writer.begin_object().key("type");
    writer.string(open.are_custom[at] ? "custom_tool_call_output" : "function_call_output");
    writer.key("call_id").string(open.asked[at].id);
    writer.key("output").string(result_text(outcomes[at])).end_object();
  }
}

// The newest answer that the server itself remembers; nothing if there is none.
std::optional<std::size_t> find_kept(std::span<const Message> messages) {
  for (std::size_t at = messages.size(); at-- > 0;) {
    const auto* turn = std::get_if<ModelTurn>(&messages[at]);
    const bool is_ours = turn != nullptr && turn->wire == Wire::openai_responses;
    if (is_ours && !turn->response_id.empty()) return at;
  }
  return std::nullopt;
}

// The messages from `kept` on, which is itself only answered.
void write_input(json::Writer& writer, std::span<const Message> messages,
                 std::optional<std::size_t> kept) {
  writer.key("input").begin_array();
  OpenCalls open;  // not answered yet
  for (std::size_t at = kept.value_or(0); at < messages.size(); ++at) {
    const auto* results = std::get_if<FunctionResults>(&messages[at]);
    write_outputs(writer, results != nullptr ? *results : FunctionResults{}, open);
    open = {};
    if (const auto* turn = std::get_if<ModelTurn>(&messages[at])) {
      const auto document = json::Document::parse(turn->raw_content);
      const std::vector<View> items = items_of(*turn, document);
      open = open_calls(*turn, at, items);
      if (at != kept) write_turn(writer, *turn, items, open.asked);
    } else if (const auto* user = std::get_if<UserText>(&messages[at])) {
      write_text(writer, "user", user->text);
    }
  }
  write_outputs(writer, {}, open);
  writer.end_array();
}

// The declarations are written for chat completions; here the function's members stand flat.
void write_declaration(json::Writer& writer, const View& declaration, bool is_strict) {
  const auto inner = declaration.find("function");
  const View function = inner ? *inner : declaration;
  const auto parameters = function.find("parameters");
  writer.begin_object().key("type").string("function");
  copy_members(writer, function, {"type", "strict"});
  writer.key("strict").boolean(is_strict && parameters && openai::has_strict_form(*parameters));
  writer.end_object();
}

// The tools that may be called, as far as the choice of names is made by declaring.
std::vector<json::Document> choose_tools(const ModelRequest& request, bool is_by_name) {
  std::vector<json::Document> chosen;
  const bool takes_all = is_by_name || request.allowed.empty() || request.mode == CallMode::none;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_in =
        takes_all || std::ranges::find(request.allowed, tool.name) != request.allowed.end();
    auto document = json::Document::parse(tool.declaration(call::Dialect::openai));
    if (is_in && document) chosen.push_back(*std::move(document));
  }
  return chosen;
}

void write_choice(json::Writer& writer, const ModelRequest& request, bool is_by_name) {
  writer.key("tool_choice");
  if (is_by_name) {
    writer.begin_object().key("type").string("function");
    writer.key("name").string(request.allowed.front()).end_object();
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
  for (const auto& tool : tools) write_declaration(writer, tool.root(), options.strict);
  writer.end_array();
  write_choice(writer, request, is_by_name);
  if (options.parallel_tool_calls) {
    writer.key("parallel_tool_calls").boolean(*options.parallel_tool_calls);
  }
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  const auto kept = options.is_stateful ? find_kept(request.messages) : std::nullopt;
  json::Writer writer;
  writer.begin_object().key("model").string(options.model);
  if (!request.system.empty()) writer.key("instructions").string(request.system);
  if (kept) {
    const auto& turn = std::get<ModelTurn>(request.messages[*kept]);
    writer.key("previous_response_id").string(turn.response_id);
  }
  write_input(writer, request.messages, kept);
  write_tools(writer, request, options);
  if (request.temperature) writer.key("temperature").number(*request.temperature);
  if (request.max_output_tokens) {
    writer.key("max_output_tokens").integer(*request.max_output_tokens);
  }
  writer.key("store").boolean(options.is_stateful);
  if (!options.is_stateful && options.include_encrypted_reasoning) {
    writer.key("include").begin_array().string("reasoning.encrypted_content").end_array();
  }
  if (options.stream) writer.key("stream").boolean(true);
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::openai_responses
