#include <algorithm>
#include <utility>

#include "base/json.h"
#include "protocol/json_fields.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_error.h"
#include "protocol/openai_responses.h"
#include "protocol/openai_responses_turn.h"

namespace atonce::protocol::openai_responses {
namespace {

using json::Kind;
using json::View;

std::int64_t detail_of(const View& usage, std::string_view details, std::string_view key) {
  const auto found = usage.find(details);
  return found ? count_of(*found, key) : 0;
}

Usage read_usage(const View& usage) {
  Usage read{.input_tokens = count_of(usage, "input_tokens"),
             .output_tokens = count_of(usage, "output_tokens"),
             .thought_tokens = detail_of(usage, "output_tokens_details", "reasoning_tokens"),
             .cached_tokens = detail_of(usage, "input_tokens_details", "cached_tokens"),
             .total_tokens = count_of(usage, "total_tokens")};
  if (read.total_tokens == 0) read.total_tokens = read.input_tokens + read.output_tokens;
  // OpenAI counts thoughts as output; who counts them beside it has them in the total.
  const bool counts_thoughts = read.total_tokens == read.input_tokens + read.output_tokens;
  if (counts_thoughts && read.thought_tokens <= read.output_tokens) {
    read.output_tokens -= read.thought_tokens;
  }
  return read;
}

// The texts of a message's parts of one type.
std::string part_texts(const View& item, std::string_view type, std::string_view key) {
  const auto content = item.find("content");
  std::string text;
  for (const View& part : content ? content->items() : std::vector<View>{}) {
    if (text_of(part, "type") == type) text += text_of(part, key);
  }
  return text;
}

bool is_message(const View& item) { return text_of(item, "type") == "message"; }

std::string with_more(std::string word, const std::string& more) {
  if (more.empty()) return word;
  return word.empty() ? more : word + ": " + more;
}

// Sets `finish` and `finish_detail` of a response that is complete or was cut short.
void set_finish(ModelTurn& turn, const View& response, const std::string& refusal) {
  const std::string status = text_of(response, "status");
  const auto details = find_value(response, "incomplete_details");
  const std::string reason = details ? text_of(*details, "reason") : "";
  turn.finish_detail = with_more(status, status == "completed" ? "" : reason);
  if (!refusal.empty()) {
    turn.finish = Finish::blocked;
    turn.finish_detail = with_more(turn.finish_detail, refusal);
  } else if (status == "incomplete") {
    turn.finish = reason.contains("content_filter") ? Finish::blocked
                  : reason == "max_output_tokens"   ? Finish::length
                                                    : Finish::other;
  } else if (status == "cancelled") {
    turn.finish = Finish::other;
  }
}

}  // namespace

bool is_call(const View& item) {
  const std::string type = text_of(item, "type");
  return type == "function_call" || type == "custom_tool_call";
}

call::Call read_call(const View& item) {
  return {.id = text_of(item, "call_id"),
          .name = text_of(item, "name"),
          .arguments = openai::normal_arguments(openai::arguments_text(item))};
}

std::string visible_text(const View& item) {
  return is_message(item) ? part_texts(item, "output_text", "text") : "";
}

void take_frame(ModelTurn& turn, const View& response) {
  if (auto model = text_of(response, "model"); !model.empty()) turn.model = std::move(model);
  if (auto id = text_of(response, "id"); !id.empty()) turn.response_id = std::move(id);
  const auto usage = find_value(response, "usage");
  if (usage && usage->is(Kind::object)) turn.usage = read_usage(*usage);
}

Result<ModelTurn> read_turn(const View& response, const std::vector<View>& items,
                            std::string raw_items) {
  const std::string status = text_of(response, "status");
  if (status == "failed") return std::unexpected(openai::read_reported_error(response));
  if (status == "in_progress" || status == "queued") {
    return failure(ErrorCode::bad_response, "the server's response is not finished: " + status);
  }
  ModelTurn turn{.wire = Wire::openai_responses};
  if (!items.empty()) turn.raw_content = std::move(raw_items);
  std::string refusal;
  for (const View& item : items) {
    turn.text += visible_text(item);
    if (is_message(item)) refusal += part_texts(item, "refusal", "refusal");
    if (is_call(item)) turn.calls.push_back(read_call(item));
  }
  take_frame(turn, response);
  set_finish(turn, response, refusal);
  return turn;
}

std::unexpected<Error> not_a_response(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with JSON"
                         : "the server's answer is no OpenAI response: " + why,
                 "check the base address of the API (OPENAI_BASE_URL), which often ends in /v1");
}

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  const View root = document->root();
  if (openai::is_error(root)) return std::unexpected(openai::read_reported_error(root));
  const auto output = root.find("output");
  if (!output || !output->is(Kind::array)) return not_a_response(body, "it has no output");
  return read_turn(root, output->items(), std::string(output->raw()));
}

}  // namespace atonce::protocol::openai_responses
