#include <algorithm>
#include <span>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/interactions.h"
#include "protocol/interactions_turn.h"

namespace atonce::protocol::interactions {
namespace {

using json::Kind;
using json::View;

bool is_object(std::string_view text) {
  const auto document = json::Document::parse(text);
  return document && document->root().is(Kind::object);
}

void write_text_step(json::Writer& writer, std::string_view type, std::string_view text) {
  writer.begin_object().key("type").string(type).key("content").begin_array();
  writer.begin_object().key("type").string("text").key("text").string(text).end_object();
  writer.end_array().end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked) {
  if (!turn.text.empty()) write_text_step(writer, "model_output", turn.text);
  for (const auto& [id, call] : asked) {
    writer.begin_object().key("type").string("function_call").key("id").string(id);
    writer.key("name").string(call->name);
    // Other wires carry arguments as text, which need not be JSON; here they must be an object.
    writer.key("arguments").raw(is_object(call->arguments) ? call->arguments : "{}").end_object();
  }
}

void write_call(json::Writer& writer, const View& step, const std::string& id) {
  if (text_of(step, "id") == id) {
    writer.raw(step.raw());
    return;
  }
  writer.begin_object();
  for (const auto& [key, value] : step.members()) {
    if (key != "id") writer.key(key).raw(value.raw());
  }
  writer.key("id").string(id).end_object();
}

void write_turn(json::Writer& writer, const ModelTurn& turn, const std::vector<AskedCall>& asked) {
  const auto document = json::Document::parse(turn.raw_content);
  const bool is_ours = turn.wire == Wire::interactions && document;
  const auto steps = is_ours ? document->root().items() : std::vector<View>{};
  const auto calls = std::ranges::count_if(steps, is_call);
  if (steps.empty() || static_cast<std::size_t>(calls) != asked.size()) {
    return write_foreign_turn(writer, turn, asked);
  }
  std::size_t at = 0;
  for (const View& step : steps) {
    if (is_call(step)) {
      write_call(writer, step, asked[at++].id);
    } else {
      writer.raw(step.raw());
    }
  }
}

void write_result(json::Writer& writer, const AskedCall& asked, const call::Outcome& outcome) {
  writer.begin_object().key("type").string("function_result").key("call_id").string(asked.id);
  writer.key("name").string(asked.call->name).key("result");
  const std::string text = result_text(outcome);
  const bool is_value = std::holds_alternative<call::Returned>(outcome);
  // A text that a tool returned stays one, even if it looks like an object.
  const bool is_text = is_value && std::get<call::Returned>(outcome).result != text;
  if (!is_text && is_object(text)) {
    writer.raw(text);
  } else {
    writer.string(text);
  }
  writer.key("is_error").boolean(!is_value).end_object();
}

void write_results(json::Writer& writer, const FunctionResults& results,
                   const std::vector<AskedCall>& asked) {
  const auto outcomes = match_outcomes(results, asked);
  for (std::size_t at = 0; at < asked.size(); ++at) write_result(writer, asked[at], outcomes[at]);
}

// The newest answer that the server itself remembers; nothing if there is none.
std::optional<std::size_t> find_kept(std::span<const Message> messages) {
  for (std::size_t at = messages.size(); at-- > 0;) {
    const auto* turn = std::get_if<ModelTurn>(&messages[at]);
    const bool is_ours = turn != nullptr && turn->wire == Wire::interactions;
    if (is_ours && !turn->response_id.empty()) return at;
  }
  return std::nullopt;
}

// The messages from `kept` on, which is itself only answered.
void write_input(json::Writer& writer, std::span<const Message> messages,
                 std::optional<std::size_t> kept) {
  writer.key("input").begin_array();
  std::vector<AskedCall> open;  // not answered yet
  for (std::size_t at = kept.value_or(0); at < messages.size(); ++at) {
    const auto* results = std::get_if<FunctionResults>(&messages[at]);
    write_results(writer, results != nullptr ? *results : FunctionResults{}, open);
    open.clear();
    if (const auto* turn = std::get_if<ModelTurn>(&messages[at])) {
      open = ask_calls(*turn, at);
      if (at != kept) write_turn(writer, *turn, open);
    } else if (const auto* user = std::get_if<UserText>(&messages[at])) {
      write_text_step(writer, "user_input", user->text);
    }
  }
  write_results(writer, {}, open);
  writer.end_array();
}

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
  const auto kept = options.is_stateful ? find_kept(request.messages) : std::nullopt;
  const auto tools = choose_tools(request);
  json::Writer writer;
  writer.begin_object().key("model").string(options.model);
  if (!request.system.empty()) writer.key("system_instruction").string(request.system);
  if (kept) {
    const auto& turn = std::get<ModelTurn>(request.messages[*kept]);
    writer.key("previous_interaction_id").string(turn.response_id);
  }
  write_input(writer, request.messages, kept);
  if (!tools.empty()) {
    writer.key("tools").begin_array();
    for (const auto& tool : tools) write_declaration(writer, tool.root());
    writer.end_array();
  }
  write_generation_config(writer, request, !tools.empty());
  writer.key("store").boolean(options.is_stateful);
  if (options.stream) writer.key("stream").boolean(true);
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::interactions
