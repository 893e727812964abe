#include "app/answer_report.h"

#include <fmt/format.h>

#include "protocol/turn_json.h"

namespace atonce::app {
namespace {

void write_usage(json::Writer& writer, const protocol::Usage& usage) {
  writer.key("usage").begin_object();
  writer.key("input_tokens").integer(usage.input_tokens);
  writer.key("output_tokens").integer(usage.output_tokens);
  writer.key("thought_tokens").integer(usage.thought_tokens);
  writer.key("cached_tokens").integer(usage.cached_tokens);
  writer.key("total_tokens").integer(usage.total_tokens).end_object();
}

// Providers that give no ids leave them empty; in the document each call has one.
void write_turns(json::Writer& writer, const std::vector<call::Reply>& turns) {
  std::size_t number = 0;
  writer.key("turns").begin_array();
  for (const call::Reply& turn : turns) {
    writer.begin_object().key("calls").begin_array();
    for (call::Finished finished : turn.calls) {
      ++number;
      if (finished.call.id.empty()) finished.call.id = std::to_string(number);
      protocol::write_finished(writer, finished);
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

std::string seconds_text(const model::ConversationOptions& options) {
  const auto limit = options.time_limit.value_or(std::chrono::milliseconds(0));
  return fmt::format("{:g}", std::chrono::duration<double>(limit).count());
}

}  // namespace

void write_answer(json::Writer& writer, const model::Answer& answer, std::string_view model) {
  writer.begin_object().key("text").string(answer.text);
  write_turns(writer, answer.turns);
  writer.key("model").string(answer.model.empty() ? model : answer.model);
  write_usage(writer, answer.usage);
  writer.key("finish").string(name_of(answer.ending));
  if (!answer.detail.empty()) writer.key("detail").string(answer.detail);
  if (answer.error) writer.key("error").string(answer.error->message);
  writer.end_object();
}

Error explain(const model::Answer& answer, const model::ConversationOptions& options) {
  using model::Ending;
  if (answer.error) return *answer.error;
  const std::string detail = answer.detail.empty() ? "" : " (" + answer.detail + ")";
  switch (answer.ending) {
    case Ending::call_limit:
      return {ErrorCode::refused,
              "no answer within " + std::to_string(options.max_turns) + " turns",
              "allow more with --max-turns, or ask for less at once"};
    case Ending::time_limit:
      return {ErrorCode::timed_out, "no answer within " + seconds_text(options) + " s",
              "allow more with --time-limit, or ask for less at once"};
    case Ending::blocked:
      return {ErrorCode::refused, "the model's provider blocked the answer" + detail,
              "ask in other words"};
    case Ending::length:
      return {ErrorCode::refused, "the answer was cut off: the model ran out of tokens" + detail,
              "ask for less at once"};
    case Ending::malformed:
      return {ErrorCode::bad_response, "the model wrote no valid call, several times" + detail,
              "ask again, or choose a larger model with --model"};
    case Ending::empty:
      return {ErrorCode::bad_response, "the model said nothing, several times" + detail,
              "ask again, or choose another model with --model"};
    default: return {ErrorCode::cancelled, "cancelled"};
  }
}

}  // namespace atonce::app
