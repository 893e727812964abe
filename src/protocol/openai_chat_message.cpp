#include "protocol/openai_chat_message.h"

#include <algorithm>
#include <cctype>

#include "protocol/json_fields.h"

namespace atonce::protocol::openai_chat {
namespace {

using json::Kind;
using json::View;

std::int64_t detail_of(const View& usage, std::string_view details, std::string_view key) {
  const auto found = usage.find(details);
  return found ? count_of(*found, key) : 0;
}

Usage read_usage(const View& usage) {
  Usage read{.input_tokens = count_of(usage, "prompt_tokens"),
             .output_tokens = count_of(usage, "completion_tokens"),
             .thought_tokens = detail_of(usage, "completion_tokens_details", "reasoning_tokens"),
             .cached_tokens = detail_of(usage, "prompt_tokens_details", "cached_tokens"),
             .total_tokens = count_of(usage, "total_tokens")};
  if (read.total_tokens == 0) read.total_tokens = read.input_tokens + read.output_tokens;
  // OpenAI counts thoughts as output, xAI and Google beside it; the total tells which.
  const bool counts_thoughts = read.total_tokens == read.input_tokens + read.output_tokens;
  if (counts_thoughts && read.thought_tokens <= read.output_tokens) {
    read.output_tokens -= read.thought_tokens;
  }
  return read;
}

// Mistral's content has parts that are thoughts.
bool is_thought(const View& part) {
  const std::string type = text_of(part, "type");
  return type == "thinking" || type == "reasoning";
}

// Google's endpoint sends "content_filter: PROHIBITED_CONTENT" and the like.
bool says(std::string_view word, std::string_view what) {
  return std::ranges::search(word, what, [](unsigned char a, unsigned char b) {
           return std::tolower(a) == std::tolower(b);
         }).begin() != word.end();
}

Finish finish_of(std::string_view word) {
  if (says(word, "malformed_function_call")) return Finish::malformed_call;
  if (says(word, "unexpected_tool_call")) return Finish::unexpected_call;
  if (says(word, "content_filter") || says(word, "safety")) return Finish::blocked;
  for (const std::string_view stop :
       {"stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "tool_use"}) {
    if (word == stop) return Finish::stop;
  }
  if (word == "STOP") return Finish::stop;
  if (says(word, "length") || says(word, "max_tokens")) return Finish::length;
  return Finish::other;
}

}  // namespace

std::optional<View> find_choice(const View& answer) {
  const auto choices = answer.find("choices");
  if (!choices) {
    const auto message = answer.find("message");
    const bool is_native = message && message->is(Kind::object);
    return is_native ? std::optional(answer) : std::nullopt;
  }
  for (const View& choice : choices->items()) {
    const auto index = choice.find("index");
    const bool is_first = !index || index->as_int64().value_or(0) == 0;
    if (choice.is(Kind::object) && is_first) return choice;
  }
  return std::nullopt;
}

std::string visible_text(const std::optional<View>& content) {
  if (!content) return "";
  if (const auto text = content->as_string()) return std::string(*text);
  std::string text;
  for (const View& part : content->items()) {
    if (!is_thought(part)) text += text_of(part, "text");
  }
  return text;
}

std::string refusal_text(const View& message) {
  std::string text = text_of(message, "refusal");
  if (const auto content = message.find("content")) {
    for (const View& part : content->items()) text += text_of(part, "refusal");
  }
  return text;
}

std::vector<View> find_calls(const View& message) {
  const auto calls = message.find("tool_calls");
  std::vector<View> found = calls ? calls->items() : std::vector<View>{};
  std::erase_if(found, [](const View& call) { return !call.is(Kind::object); });
  return found;
}

std::optional<View> find_target(const View& call) {
  for (const char* key : {"function", "custom"}) {
    const auto target = call.find(key);
    if (target && target->is(Kind::object)) return target;
  }
  return std::nullopt;
}

std::string finish_word(const View& choice) {
  for (const char* key : {"finish_reason", "done_reason"}) {
    if (const auto word = find_value(choice, key)) {
      return std::string(word->as_string().value_or(word->raw()));
    }
  }
  const auto done = choice.find("done");  // Ollama's own, before it gave reasons
  return done && done->as_bool().value_or(false) ? "stop" : "";
}

void set_finish(ModelTurn& turn, const std::string& word, const std::string& refusal) {
  turn.finish_detail = word;
  if (!refusal.empty()) {
    turn.finish = Finish::blocked;
    turn.finish_detail += (word.empty() ? "" : ": ") + refusal;
  } else if (!word.empty()) {
    turn.finish = finish_of(word);
  } else if (turn.text.empty() && turn.calls.empty()) {
    turn.finish = Finish::other;
    turn.finish_detail = "the answer says nothing";
  }
}

void take_frame(ModelTurn& turn, const View& answer) {
  if (std::string model = text_of(answer, "model"); !model.empty()) turn.model = std::move(model);
  if (std::string id = text_of(answer, "id"); !id.empty()) turn.response_id = std::move(id);
  auto usage = find_value(answer, "usage");
  if (const auto groq = answer.find("x_groq"); groq && !usage) usage = find_value(*groq, "usage");
  if (usage && usage->is(Kind::object)) turn.usage = read_usage(*usage);
  if (answer.find("prompt_eval_count") || answer.find("eval_count")) {  // Ollama's own
    turn.usage.input_tokens = count_of(answer, "prompt_eval_count");
    turn.usage.output_tokens = count_of(answer, "eval_count");
    turn.usage.total_tokens = turn.usage.input_tokens + turn.usage.output_tokens;
  }
}

std::unexpected<Error> not_a_response(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with JSON"
                         : "the server's answer is no chat completion: " + why,
                 "check the base address of the API (OPENAI_BASE_URL), which often ends in /v1");
}

}  // namespace atonce::protocol::openai_chat
