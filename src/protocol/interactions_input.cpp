#include "protocol/interactions_input.h"

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/call_answers.h"
#include "protocol/interactions_turn.h"
#include "protocol/json_fields.h"
#include "protocol/media.h"

namespace atonce::protocol::interactions {
namespace {

using json::Kind;
using json::View;

// The dummy that Google documents for calls that the model did not make itself, as the bytes that a
// signature is here.
constexpr std::string_view kForeignSignature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

std::string_view type_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "image";
    case MediaKind::audio: return "audio";
    case MediaKind::video: return "video";
    case MediaKind::document: return "document";
  }
  return "document";
}

void write_text(json::Writer& writer, std::string_view text) {
  writer.begin_object().key("type").string("text").key("text").string(text).end_object();
}

void write_media(json::Writer& writer, const Media& media) {
  writer.begin_object().key("type").string(type_of(kind_of(media.media_type)));
  writer.key("mime_type").string(media.media_type).key("data").string(media.data).end_object();
}

void write_user(json::Writer& writer, const UserText& user) {
  writer.begin_object().key("type").string("user_input").key("content").begin_array();
  if (!user.text.empty() || user.files.empty()) write_text(writer, user.text);
  for (const Media& file : user.files) write_media(writer, file);
  writer.end_array().end_object();
}

void write_foreign_turn(json::Writer& writer, const ModelTurn& turn,
                        const std::vector<AskedCall>& asked, bool is_current) {
  if (!turn.text.empty()) {
    writer.begin_object().key("type").string("model_output").key("content").begin_array();
    write_text(writer, turn.text);
    writer.end_array().end_object();
  }
  // Gemini 3 refuses calls without a signature, which here is a thought's, but only those made
  // since the user last spoke. Whether this API knows the dummy is not written anywhere, so it is
  // sent only where a request without one would be refused.
  if (is_current && !asked.empty()) {
    writer.begin_object().key("type").string("thought");
    writer.key("signature").string(kForeignSignature).end_object();
  }
  for (const auto& [id, name, call] : asked) {
    writer.begin_object().key("type").string("function_call").key("id").string(id);
    writer.key("name").string(name);
    // Other wires carry arguments as text, which need not be JSON; here they must be an object.
    writer.key("arguments").raw(read_object(call->arguments).value_or("{}")).end_object();
  }
}

// The API takes back what names it wrote itself; results must repeat them.
void keep_names(std::vector<AskedCall>& asked) {
  for (AskedCall& one : asked) {
    if (!one.call->name.empty()) one.name = one.call->name;
  }
}

void write_call(json::Writer& writer, const View& step, const AskedCall& asked) {
  const auto arguments = step.find("arguments");
  const bool has_arguments = arguments && arguments->is(Kind::object);
  if (text_of(step, "id") == asked.id && text_of(step, "name") == asked.name && has_arguments) {
    writer.raw(step.raw());
    return;
  }
  writer.begin_object();
  copy_members(writer, step, {"id", "name", "arguments"});
  writer.key("id").string(asked.id).key("name").string(asked.name);
  writer.key("arguments").raw(has_arguments ? arguments->raw() : "{}").end_object();
}

void write_turn(json::Writer& writer, const ModelTurn& turn, std::vector<AskedCall>& asked,
                bool is_current) {
  const auto document = json::Document::parse(turn.raw_content);
  const bool is_ours = turn.wire == Wire::interactions && document;
  const auto steps = is_ours ? document->root().items() : std::vector<View>{};
  const auto calls = std::ranges::count_if(steps, is_call);
  if (steps.empty() || static_cast<std::size_t>(calls) != asked.size()) {
    return write_foreign_turn(writer, turn, asked, is_current);
  }
  keep_names(asked);
  std::size_t at = 0;
  for (const View& step : steps) {
    if (is_call(step)) {
      write_call(writer, step, asked[at++]);
    } else {
      writer.raw(step.raw());
    }
  }
}

void write_value(json::Writer& writer, const call::Outcome& outcome) {
  const std::string text = result_text(outcome);
  // A text that a tool returned stays one, even if it looks like an object.
  const auto* const returned = std::get_if<call::Returned>(&outcome);
  const bool is_text = returned != nullptr && returned->result != text;
  const auto object = is_text ? std::nullopt : read_object(text);
  object ? writer.raw(*object) : writer.string(text);
}

void write_result(json::Writer& writer, const AskedCall& asked, const call::Outcome& outcome) {
  writer.begin_object().key("type").string("function_result").key("call_id").string(asked.id);
  writer.key("name").string(asked.name).key("result");
  const OutcomeWithMedia found = extract_media(outcome, shown_below);
  if (found.media.empty()) {
    write_value(writer, outcome);
  } else {
    writer.begin_array();
    write_text(writer, result_text(found.outcome));
    for (const Media& media : found.media) write_media(writer, media);
    writer.end_array();
  }
  const bool is_value = std::holds_alternative<call::Returned>(outcome);
  writer.key("is_error").boolean(!is_value).end_object();
}

void write_results(json::Writer& writer, const FunctionResults& results,
                   const std::vector<AskedCall>& asked) {
  const auto outcomes = match_outcomes(results, asked);
  for (std::size_t at = 0; at < asked.size(); ++at) write_result(writer, asked[at], outcomes[at]);
}

// Where the user spoke last; 0 if nobody did.
std::size_t find_current(std::span<const Message> messages) {
  const auto is_user = [](const Message& one) { return std::holds_alternative<UserText>(one); };
  const auto last = std::ranges::find_if(messages.rbegin(), messages.rend(), is_user);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, messages.rend() - last - 1));
}

}  // namespace

void write_input(json::Writer& writer, std::span<const Message> messages,
                 std::optional<std::size_t> kept) {
  writer.begin_array();
  const std::size_t current = find_current(messages);
  std::vector<AskedCall> open;  // not answered yet
  for (std::size_t at = kept.value_or(0); at < messages.size(); ++at) {
    const auto* results = std::get_if<FunctionResults>(&messages[at]);
    write_results(writer, results != nullptr ? *results : FunctionResults{}, open);
    open.clear();
    if (const auto* turn = std::get_if<ModelTurn>(&messages[at])) {
      open = ask_calls(*turn, at);
      if (at == kept) {
        keep_names(open);
      } else {
        write_turn(writer, *turn, open, at >= current);
      }
    } else if (const auto* user = std::get_if<UserText>(&messages[at])) {
      write_user(writer, *user);
    }
  }
  write_results(writer, {}, open);
  writer.end_array();
}

}  // namespace atonce::protocol::interactions
