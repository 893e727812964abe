#include "protocol/gemini_turn.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/gemini.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::gemini {
namespace {

using json::Kind;
using json::View;

// The Developer API's numbers of its finish reasons, for servers that send enums as integers.
constexpr std::array<std::string_view, 13> kFinishNumbers = {"FINISH_REASON_UNSPECIFIED",
                                                             "STOP",
                                                             "MAX_TOKENS",
                                                             "SAFETY",
                                                             "RECITATION",
                                                             "OTHER",
                                                             "LANGUAGE",
                                                             "BLOCKLIST",
                                                             "PROHIBITED_CONTENT",
                                                             "SPII",
                                                             "MALFORMED_FUNCTION_CALL",
                                                             "IMAGE_SAFETY",
                                                             "UNEXPECTED_TOOL_CALL"};

Finish finish_of(std::string_view word) {
  if (word == "STOP") return Finish::stop;
  if (word == "MAX_TOKENS") return Finish::length;
  if (word == "MALFORMED_FUNCTION_CALL") return Finish::malformed_call;
  if (word == "UNEXPECTED_TOOL_CALL") return Finish::unexpected_call;
  for (const std::string_view blocked :
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR"}) {
    if (word == blocked) return Finish::blocked;
  }
  return Finish::other;
}

std::string finish_word(const View& reason) {
  if (const auto word = reason.as_string()) return std::string(*word);
  const auto number = reason.as_int64();
  if (!number) return std::string(reason.raw());
  const bool is_known = *number >= 0 && *number < static_cast<std::int64_t>(kFinishNumbers.size());
  return is_known ? std::string(kFinishNumbers[static_cast<std::size_t>(*number)])
                  : std::to_string(*number);
}

bool is_true(const std::optional<View>& view) { return view && view->as_bool().value_or(false); }

std::string with_message(std::string word, const std::string& message) {
  if (message.empty()) return word;
  return word.empty() ? message : word + ": " + message;
}

// An array's elements; a lone object stands for an array of one, as proto3 JSON tolerates.
std::vector<View> elements(const std::optional<View>& view) {
  if (!view) return {};
  return view->is(Kind::object) ? std::vector{*view} : view->items();
}

bool is_response(const View& view) {
  return view.find("candidates") || view.find_either("promptFeedback", "prompt_feedback") ||
         view.find_either("usageMetadata", "usage_metadata");
}

bool is_first(const View& candidate) {
  const auto index = candidate.find("index");
  return !index || index->as_int64().value_or(0) == 0;
}

}  // namespace

std::unexpected<Error> not_a_response(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with Gemini's JSON"
                         : "the server's answer is no Gemini response: " + why,
                 "check the base address of the API (GOOGLE_GEMINI_BASE_URL)");
}

Result<void> TurnBuilder::add(const View& root) {
  for (const View& response : elements(root)) {
    if (const auto error = response.find("error"); error && error->is(Kind::object)) {
      const auto code = error->find("code");
      const auto status = code ? code->as_int64().value_or(500) : 500;
      return std::unexpected(read_error(static_cast<int>(status), response.raw(), ""));
    }
    if (!is_response(response)) continue;
    has_any_ = true;
    if (auto added = add_response(response); !added) return added;
  }
  return {};
}

ModelTurn TurnBuilder::take() {
  close_call();
  if (!parts_.empty()) turn_.raw_content = is_content_whole_ ? content_ : join_parts();
  if (!has_finish_) {
    turn_.finish = parts_.empty() ? Finish::other : Finish::stop;
    if (parts_.empty()) turn_.finish_detail = "the answer says nothing";
  }
  return std::move(turn_);
}

Result<void> TurnBuilder::add_response(const View& response) {
  const auto candidates = elements(response.find("candidates"));
  has_candidates_ = has_candidates_ || !candidates.empty();
  if (const auto feedback = response.find_either("promptFeedback", "prompt_feedback");
      feedback && candidates.empty()) {
    add_feedback(*feedback);
  }
  if (const auto usage = response.find_either("usageMetadata", "usage_metadata")) {
    add_usage(*usage);
  }
  const std::string model = text_of(response.find_either("modelVersion", "model_version"));
  if (!model.empty()) turn_.model = model;
  const std::string id = text_of(response.find_either("responseId", "response_id"));
  if (!id.empty()) turn_.response_id = id;
  const auto candidate = std::ranges::find_if(candidates, is_first);
  return candidate == candidates.end() ? Result<void>{} : add_candidate(*candidate);
}

// Feedback without a reason is a refusal only where there is no answer.
void TurnBuilder::add_feedback(const View& feedback) {
  const auto reason = feedback.find_either("blockReason", "block_reason");
  if (!reason && has_candidates_) return;
  turn_.finish = Finish::blocked;
  turn_.finish_detail =
      with_message(reason ? finish_word(*reason) : "",
                   text_of(feedback.find_either("blockReasonMessage", "block_reason_message")));
  if (turn_.finish_detail.empty()) turn_.finish_detail = "the prompt was refused";
  has_finish_ = true;
}

Result<void> TurnBuilder::add_candidate(const View& candidate) {
  add_finish(candidate);
  const auto content = candidate.find("content");
  const auto parts = content ? elements(content->find("parts")) : std::vector<View>{};
  if (parts.empty()) return {};
  is_content_whole_ = parts_.empty() && content->find("parts")->is(Kind::array);
  if (is_content_whole_) content_ = content->raw();
  for (const View& part : parts) {
    if (auto added = add_part(part); !added) return added;
  }
  return {};
}

void TurnBuilder::add_finish(const View& candidate) {
  const std::string token =
      text_of(candidate.find_either("continuationToken", "continuation_token"));
  if (!token.empty()) turn_.continuation_token = token;
  const auto reason = candidate.find_either("finishReason", "finish_reason");
  if (!reason) return;
  const std::string word = finish_word(*reason);
  turn_.finish = finish_of(word);
  turn_.finish_detail =
      with_message(word, text_of(candidate.find_either("finishMessage", "finish_message")));
  has_finish_ = true;
}

Result<void> TurnBuilder::add_part(const View& part) {
  const auto call = part.find_either("functionCall", "function_call");
  if (call && call->is(Kind::object)) {
    if (auto added = add_call(part, *call); !added) return added;
  } else {
    parts_.emplace_back(part.raw());
  }
  const std::string text = text_of(part.find("text"));
  if (is_true(part.find("thought")) || text.empty()) return {};
  turn_.text += text;
  listener_.on_text(text);
  return {};
}

// A call is open from a part that says that it goes on to one that does not. The parts between have
// no name; where the last one is missing, the next name or the end closes it.
Result<void> TurnBuilder::add_call(const View& part, const View& call) {
  const std::string name = text_of(call.find("name"));
  const bool goes_on = is_true(call.find_either("willContinue", "will_continue"));
  if (!open_call_ || !name.empty()) {
    close_call();
    if (!goes_on && !call.find_either("partialArgs", "partial_args")) {
      const auto args = call.find("args");
      const bool has_args = args && !args->is(Kind::null);
      parts_.emplace_back(part.raw());
      add_whole_call({.id = text_of(call.find("id")),
                      .name = name,
                      .arguments = std::string(has_args ? args->raw() : "{}")});
      return {};
    }
    open_call_.emplace(part);
    open_part_ = parts_.size();
    parts_.emplace_back();
  }
  is_content_whole_ = false;
  auto added = open_call_->add(part, call);
  if (added && !goes_on) close_call();
  return added;
}

void TurnBuilder::close_call() {
  if (!open_call_) return;
  parts_[open_part_] = open_call_->part();
  add_whole_call(open_call_->call());
  open_call_.reset();
}

// What the server already says must not run is not told.
void TurnBuilder::add_whole_call(call::Call call) {
  turn_.calls.push_back(std::move(call));
  if (turn_.finish != Finish::unexpected_call) listener_.on_call(turn_.calls.back());
}

// Counts of a stream are of all of it so far, and zeros are left out: the last of each is right.
void TurnBuilder::add_usage(const View& usage) {
  const auto take_count = [&](std::int64_t& count, std::string_view key, std::string_view other) {
    if (const auto value = usage.find_either(key, other)) count = value->as_int64().value_or(0);
  };
  Usage& counts = turn_.usage;
  take_count(counts.input_tokens, "promptTokenCount", "prompt_token_count");
  take_count(counts.output_tokens, "candidatesTokenCount", "candidates_token_count");
  take_count(counts.thought_tokens, "thoughtsTokenCount", "thoughts_token_count");
  take_count(counts.cached_tokens, "cachedContentTokenCount", "cached_content_token_count");
  take_count(counts.total_tokens, "totalTokenCount", "total_token_count");
}

std::string TurnBuilder::join_parts() const {
  json::Writer writer;
  writer.begin_object().key("role").string("model").key("parts").begin_array();
  for (const std::string& part : parts_) writer.raw(part);
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace atonce::protocol::gemini
