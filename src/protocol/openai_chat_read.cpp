#include "base/json.h"
#include "protocol/json_fields.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_chat_message.h"
#include "protocol/openai_error.h"

namespace atonce::protocol::openai_chat {
namespace {

using json::Kind;
using json::View;

// Of a call that names nothing there is still one, so that it is answered.
call::Call read_call(const View& view) {
  const auto target = find_target(view);
  return {.id = text_of(view, "id"),
          .name = target ? text_of(*target, "name") : "",
          .arguments = openai::normal_arguments(target ? openai::arguments_text(*target) : "")};
}

void read_message(ModelTurn& turn, const View& message) {
  turn.raw_content = message.raw();
  turn.text = visible_text(message.find("content"));
  for (const View& call : find_calls(message)) turn.calls.push_back(read_call(call));
  // The form that came before tool_calls; some proxies answer in it.
  const auto old_call = message.find("function_call");
  if (turn.calls.empty() && old_call && old_call->is(Kind::object)) {
    turn.calls.push_back(
        {.id = "",
         .name = text_of(*old_call, "name"),
         .arguments = openai::normal_arguments(openai::arguments_text(*old_call))});
  }
}

}  // namespace

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  const View root = document->root();
  const auto choice = find_choice(root);
  if (openai::is_error(root)) return std::unexpected(openai::read_reported_error(root));
  if (!choice) return not_a_response(body, "it has no choices");
  if (openai::is_error(*choice)) return std::unexpected(openai::read_reported_error(*choice));
  const auto message = choice->find("message");
  if (!message || !message->is(Kind::object)) return not_a_response(body, "it has no message");

  ModelTurn turn{.wire = Wire::openai_chat};
  read_message(turn, *message);
  set_finish(turn, finish_word(*choice), refusal_text(*message));
  take_frame(turn, root);
  return turn;
}

}  // namespace atonce::protocol::openai_chat
