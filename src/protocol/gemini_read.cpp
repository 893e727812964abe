#include <array>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"

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

std::string text_of(const std::optional<View>& view) {
  return std::string(view ? view->as_string().value_or("") : "");
}

std::string with_message(std::string word, const std::string& message) {
  if (message.empty()) return word;
  return word.empty() ? message : word + ": " + message;
}

// An array's elements; a lone object stands for an array of one, as proto3 JSON tolerates.
std::vector<View> elements(const std::optional<View>& view) {
  if (!view) return {};
  return view->is(Kind::object) ? std::vector{*view} : view->items();
}

// Makes one turn of one response, or of the chunks of a streamed one.
class TurnReader {
 public:
  void add(const View& response) {
    const auto candidates = elements(response.find("candidates"));
    if (const auto feedback = response.find_either("promptFeedback", "prompt_feedback");
        feedback && candidates.empty()) {
      add_feedback(*feedback);
    }
    if (!candidates.empty()) add_candidate(candidates.front());
    if (const auto usage = response.find_either("usageMetadata", "usage_metadata")) {
      add_usage(*usage);
    }
    const std::string model = text_of(response.find_either("modelVersion", "model_version"));
    if (!model.empty()) turn_.model = model;
  }

  ModelTurn take() {
    if (contents_.size() == 1) {
      turn_.raw_content = contents_.front().raw();
    } else if (contents_.size() > 1) {
      turn_.raw_content = join_contents();
    }
    if (!has_finish_) {
      turn_.finish = contents_.empty() ? Finish::other : Finish::stop;
      if (contents_.empty()) turn_.finish_detail = "the answer says nothing";
    }
    return std::move(turn_);
  }

 private:
  void add_feedback(const View& feedback) {
    const auto reason = feedback.find_either("blockReason", "block_reason");
    turn_.finish = Finish::blocked;
    turn_.finish_detail =
        with_message(reason ? finish_word(*reason) : "",
                     text_of(feedback.find_either("blockReasonMessage", "block_reason_message")));
    if (turn_.finish_detail.empty()) turn_.finish_detail = "the prompt was refused";
    has_finish_ = true;
  }

  void add_candidate(const View& candidate) {
    const auto content = candidate.find("content");
    const auto parts = content ? elements(content->find("parts")) : std::vector<View>{};
    if (!parts.empty()) contents_.push_back(*content);
    for (const View& part : parts) add_part(part);

    const auto reason = candidate.find_either("finishReason", "finish_reason");
    if (!reason) return;
    const std::string word = finish_word(*reason);
    turn_.finish = finish_of(word);
    turn_.finish_detail =
        with_message(word, text_of(candidate.find_either("finishMessage", "finish_message")));
    has_finish_ = true;
  }

  void add_part(const View& part) {
    if (const auto call = part.find_either("functionCall", "function_call");
        call && call->is(Kind::object)) {
      const auto args = call->find("args");
      const bool has_args = args && !args->is(Kind::null);
      turn_.calls.push_back({.id = text_of(call->find("id")),
                             .name = text_of(call->find("name")),
                             .arguments = std::string(has_args ? args->raw() : "{}")});
    }
    const auto thought = part.find("thought");
    const bool is_thought = thought && thought->as_bool().value_or(false);
    if (!is_thought) turn_.text += text_of(part.find("text"));
  }

  // Counts of a stream are of all of it so far, so the last ones are right.
  void add_usage(const View& usage) {
    const auto count = [&](std::string_view key, std::string_view other) {
      const auto value = usage.find_either(key, other);
      return value ? value->as_int64().value_or(0) : 0;
    };
    turn_.usage = {.input_tokens = count("promptTokenCount", "prompt_token_count"),
                   .output_tokens = count("candidatesTokenCount", "candidates_token_count"),
                   .thought_tokens = count("thoughtsTokenCount", "thoughts_token_count"),
                   .cached_tokens = count("cachedContentTokenCount", "cached_content_token_count"),
                   .total_tokens = count("totalTokenCount", "total_token_count")};
  }

  [[nodiscard]] std::string join_contents() const {
    json::Writer writer;
    writer.begin_object().key("role").string("model").key("parts").begin_array();
    for (const View& content : contents_) {
      for (const View& part : elements(content.find("parts"))) writer.raw(part.raw());
    }
    writer.end_array().end_object();
    return writer.take();
  }

  ModelTurn turn_;
  std::vector<View> contents_;  // those with parts
  bool has_finish_ = false;
};

bool is_response(const View& view) {
  return view.find("candidates") || view.find_either("promptFeedback", "prompt_feedback") ||
         view.find_either("usageMetadata", "usage_metadata");
}

std::unexpected<Error> not_a_response(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with Gemini's JSON"
                         : "the server's answer is no Gemini response: " + why,
                 "check the base address of the API (GOOGLE_GEMINI_BASE_URL)");
}

}  // namespace

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  const View root = document->root();
  TurnReader reader;
  bool has_any = false;
  for (const View& response : elements(root)) {
    if (const auto error = response.find("error"); error && error->is(Kind::object)) {
      const auto code = error->find("code");
      const auto status = code ? code->as_int64().value_or(500) : 500;
      return std::unexpected(read_error(static_cast<int>(status), response.raw(), ""));
    }
    if (!is_response(response)) continue;
    reader.add(response);
    has_any = true;
  }
  if (!has_any) return not_a_response(body, "it has no candidates");
  return reader.take();
}

}  // namespace atonce::protocol::gemini
