#include <algorithm>
#include <initializer_list>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/json_fields.h"
#include "protocol/media.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_responses.h"
#include "protocol/openai_responses_turn.h"

namespace atonce::protocol::openai_responses {
namespace {

using json::Kind;
using json::View;

void write_text(json::Writer& writer, std::string_view role, std::string_view text) {
  writer.begin_object().key("role").string(role).key("content").string(text).end_object();
}

void write_input_text(json::Writer& writer, std::string_view text) {
  writer.begin_object().key("type").string("input_text").key("text").string(text).end_object();
}

void write_media(json::Writer& writer, const Media& media) {
  writer.begin_object().key("type");
  if (kind_of(media.media_type) == MediaKind::image) {
    writer.string("input_image").key("image_url").string(data_address(media));
  } else {
    writer.string("input_file").key("filename").string(openai::file_name(media));
    writer.key("file_data").string(data_address(media));
  }
  writer.end_object();
}

void write_user(json::Writer& writer, const UserText& user) {
  if (user.files.empty()) return write_text(writer, "user", user.text);
  writer.begin_object().key("role").string("user").key("content").begin_array();
  if (!user.text.empty()) write_input_text(writer, user.text);
  for (const Media& file : user.files) write_media(writer, file);
  writer.end_array().end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked) {
  if (!turn.text.empty()) write_text(writer, "assistant", turn.text);
  for (const auto& [id, name, call] : asked) {
    writer.begin_object().key("type").string("function_call").key("call_id").string(id);
    writer.key("name").string(name);
    writer.key("arguments").string(openai::normal_arguments(call->arguments)).end_object();
  }
}

bool is_custom(const View& item) { return text_of(item, "type") == "custom_tool_call"; }

void write_call(json::Writer& writer, const View& item, const AskedCall& asked) {
  const auto arguments = item.find(is_custom(item) ? "input" : "arguments");
  const bool has_arguments =
      arguments && (is_custom(item) ? arguments->is(Kind::string)
                                    : !arguments->as_string().value_or("").empty());
  const bool has_name = text_of(item, "name") == asked.name;
  if (text_of(item, "call_id") == asked.id && has_name && has_arguments) {
    writer.raw(item.raw());
    return;
  }
  writer.begin_object();
  copy_members(writer, item, {"call_id", "name", "arguments", "input"});
  writer.key("call_id").string(asked.id).key("name").string(asked.name);
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
      write_call(writer, item, asked[calls++]);
    } else {
      writer.raw(item.raw());
    }
  }
}

// Sounds and films are refused in an output, and have no other place.
bool is_shown(const Media& media) {
  const MediaKind kind = kind_of(media.media_type);
  return kind == MediaKind::image || kind == MediaKind::document;
}

void write_output(json::Writer& writer, const call::Outcome& outcome) {
  const OutcomeWithMedia found = extract_media(outcome, [](const Media& media) {
    return is_shown(media) ? shown_below(media) : not_shown(media);
  });
  if (std::ranges::none_of(found.media, is_shown)) {
    writer.string(result_text(found.outcome));
    return;
  }
  writer.begin_array();
  write_input_text(writer, result_text(found.outcome));
  for (const Media& media : found.media) {
    if (is_shown(media)) write_media(writer, media);
  }
  writer.end_array();
}

void write_outputs(json::Writer& writer, const FunctionResults& results, const OpenCalls& open) {
  const auto outcomes = match_outcomes(results, open.asked);
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    writer.begin_object().key("type");
    writer.string(open.are_custom[at] ? "custom_tool_call_output" : "function_call_output");
    writer.key("call_id").string(open.asked[at].id).key("output");
    write_output(writer, outcomes[at]);
    writer.end_object();
  }
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
      write_user(writer, *user);
    }
  }
  write_outputs(writer, {}, open);
  writer.end_array();
}

// The declarations are written for chat completions; here the function's members stand flat.
void write_declaration(json::Writer& writer, const std::string& declaration) {
  const auto document = json::Document::parse(declaration);
  const auto function = document ? document->root().find("function") : std::nullopt;
  if (!function) return;
  writer.begin_object().key("type").string("function");
  copy_members(writer, *function, {"type"});
  if (!function->find("strict")) writer.key("strict").boolean(false);
  writer.end_object();
}

// There is none that opens addresses.
bool is_known(ProviderTool tool) { return tool != ProviderTool::url_context; }

void write_provider_tool(json::Writer& writer, ProviderTool tool) {
  if (tool == ProviderTool::search) {
    writer.begin_object().key("type").string("web_search").end_object();
  } else if (tool == ProviderTool::code_execution) {
    writer.begin_object().key("type").string("code_interpreter");
    writer.key("container").begin_object().key("type").string("auto").end_object().end_object();
  }
}

void write_choice(json::Writer& writer, const openai::Choice& choice, CallMode mode) {
  writer.key("tool_choice");
  if (choice.name.empty()) {
    writer.string(openai::choice_word(mode));
    return;
  }
  writer.begin_object().key("type").string("function");
  writer.key("name").string(choice.name).end_object();
}

// Without functions, neither a choice nor parallel_tool_calls is sent: the API refuses them without
// tools, and the provider's own are the model's to choose.
void write_tools(json::Writer& writer, const ModelRequest& request, const Options& options) {
  const openai::Choice choice = openai::choose_tools(request);
  if (choice.tools.empty() && std::ranges::none_of(request.provider_tools, is_known)) return;
  writer.key("tools").begin_array();
  for (const call::ToolSpec* tool : choice.tools) {
    write_declaration(writer, tool->declaration(call::Dialect::openai));
  }
  for (const ProviderTool tool : request.provider_tools) write_provider_tool(writer, tool);
  writer.end_array();
  if (choice.tools.empty()) return;
  write_choice(writer, choice, request.mode);
  if (options.parallel_tool_calls) {
    writer.key("parallel_tool_calls").boolean(*options.parallel_tool_calls);
  }
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  std::optional<std::size_t> kept;
  if (options.is_stateful) kept = find_kept(request.messages, Wire::openai_responses);
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
