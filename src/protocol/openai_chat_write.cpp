#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/call_answers.h"
#include "protocol/json_fields.h"
#include "protocol/media.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_chat_message.h"

namespace atonce::protocol::openai_chat {
namespace {

using json::Kind;
using json::View;

void write_function(json::Writer& writer, std::string_view name, std::string_view arguments) {
  writer.key("function").begin_object().key("name").string(name);
  writer.key("arguments").string(openai::normal_arguments(arguments)).end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked) {
  writer.begin_object().key("role").string("assistant").key("content");
  turn.text.empty() ? writer.null() : writer.string(turn.text);
  if (!asked.empty()) {
    writer.key("tool_calls").begin_array();
    for (const auto& [id, name, call] : asked) {
      writer.begin_object().key("id").string(id).key("type").string("function");
      write_function(writer, name, call->arguments);
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

bool may_stay(const View& call, const AskedCall& asked) {
  if (text_of(call, "id") != asked.id || text_of(call, "type").empty()) return false;
  if (call.find("custom")) return true;
  const auto function = call.find("function");
  return function && text_of(*function, "name") == asked.name &&
         !is_blank(text_of(*function, "arguments"));
}

// Whether the model's message can be sent as it is.
bool may_stay(const View& message, const std::vector<View>& calls,
              const std::vector<AskedCall>& asked) {
  const auto all = message.find("tool_calls");
  const std::size_t elements = all ? all->items().size() : 0;
  if (text_of(message, "role") != "assistant" || elements != asked.size()) return false;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    if (!may_stay(calls[at], asked[at])) return false;
  }
  return true;
}

void write_mended_call(json::Writer& writer, const View& call, const AskedCall& asked) {
  const std::string type = text_of(call, "type");
  writer.begin_object().key("id").string(asked.id);
  writer.key("type").string(type.empty() ? "function" : type);
  copy_members(writer, call, {"id", "type", "function"});
  if (const auto function = call.find("function"); function && function->is(Kind::object)) {
    writer.key("function").begin_object().key("name").string(asked.name);
    copy_members(writer, *function, {"name", "arguments"});
    const std::string arguments = openai::arguments_text(*function);
    writer.key("arguments").string(is_blank(arguments) ? "{}" : arguments).end_object();
  } else if (!call.find("custom")) {
    write_function(writer, asked.name, "");
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
      write_mended_call(writer, calls[at], asked[at]);
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

// The names by which OpenAI knows the sounds that it takes; empty for all others.
std::string_view sound_format(std::string_view media_type) {
  if (media_type == "audio/wav" || media_type == "audio/x-wav") return "wav";
  return media_type == "audio/mpeg" || media_type == "audio/mp3" ? "mp3" : "";
}

// Whether a model may be shown the file; a question's files have been checked before.
bool is_shown(const Media& media) {
  return kind_of(media.media_type) == MediaKind::image || media.media_type == "application/pdf" ||
         !sound_format(media.media_type).empty();
}

void write_text_part(json::Writer& writer, std::string_view text) {
  writer.begin_object().key("type").string("text").key("text").string(text).end_object();
}

void write_media_part(json::Writer& writer, const Media& media) {
  writer.begin_object().key("type");
  if (kind_of(media.media_type) == MediaKind::image) {
    writer.string("image_url").key("image_url").begin_object();
    writer.key("url").string(data_address(media));
  } else if (const auto format = sound_format(media.media_type); !format.empty()) {
    writer.string("input_audio").key("input_audio").begin_object();
    writer.key("data").string(media.data).key("format").string(format);
  } else {
    writer.string("file").key("file").begin_object();
    writer.key("filename").string(openai::file_name(media));
    writer.key("file_data").string(data_address(media));
  }
  writer.end_object().end_object();
}

void write_text(json::Writer& writer, std::string_view role, std::string_view text) {
  writer.begin_object().key("role").string(role).key("content").string(text).end_object();
}

void write_user(json::Writer& writer, const UserText& user) {
  if (user.files.empty()) return write_text(writer, "user", user.text);
  writer.begin_object().key("role").string("user").key("content").begin_array();
  if (!user.text.empty()) write_text_part(writer, user.text);
  for (const Media& file : user.files) write_media_part(writer, file);
  writer.end_array().end_object();
}

// What tool messages cannot hold, which are text: a message of the user's, after all of them.
void write_late(json::Writer& writer, const std::vector<LateMedia>& late) {
  if (late.empty()) return;
  writer.begin_object().key("role").string("user").key("content").begin_array();
  for (const auto& [label, media] : late) {
    write_text_part(writer, label);
    write_media_part(writer, media);
  }
  writer.end_array().end_object();
}

void write_results(json::Writer& writer, const FunctionResults& results,
                   const std::vector<AskedCall>& asked) {
  const auto outcomes = match_outcomes(results, asked);
  std::vector<LateMedia> late;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    OutcomeWithMedia found = extract_media(outcomes[at], [](const Media& media) {
      return is_shown(media) ? shown_below(media) : not_shown(media);
    });
    writer.begin_object().key("role").string("tool").key("tool_call_id").string(asked[at].id);
    writer.key("content").string(result_text(found.outcome)).end_object();
    for (Media& media : found.media) {
      if (is_shown(media)) late.push_back(make_late(std::move(media), at + 1, asked[at].name));
    }
  }
  write_late(writer, late);
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
      write_user(writer, *user);
    }
  }
  write_results(writer, FunctionResults{}, open);
  writer.end_array();
}

// Without tools, neither a choice nor parallel_tool_calls is sent: the API refuses them.
void write_tools(json::Writer& writer, const ModelRequest& request, const Options& options) {
  const openai::Choice choice = openai::choose_tools(request);
  if (choice.tools.empty()) return;
  writer.key("tools").begin_array();
  for (const call::ToolSpec* tool : choice.tools) {
    writer.raw(tool->declaration(call::Dialect::openai));
  }
  writer.end_array().key("tool_choice");
  if (choice.name.empty()) {
    writer.string(openai::choice_word(request.mode));
  } else {
    writer.begin_object().key("type").string("function").key("function").begin_object();
    writer.key("name").string(choice.name).end_object().end_object();
  }
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
