#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/json.h"
#include "protocol/event_stream.h"
#include "protocol/json_fields.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_chat_assembly.h"
#include "protocol/openai_chat_message.h"
#include "protocol/openai_error.h"

namespace atonce::protocol::openai_chat {
namespace {

using json::Kind;
using json::View;

// What comes as a text in pieces; of any other member the last value counts.
constexpr std::array<std::string_view, 4> kTextMembers = {"refusal", "reasoning_content",
                                                          "reasoning", "thinking"};

class ChatStream final : public StreamReader {
 public:
  explicit ChatStream(StreamListener& listener)
      : listener_(listener),
        calls_(listener),
        events_([this](const ServerEvent& event) { return take(event); }) {}

  Result<void> feed(std::string_view bytes) override { return events_.feed(bytes); }

  Result<ModelTurn> finish() override {
    if (auto ended = events_.finish(); !ended) return std::unexpected(ended.error());
    if (!has_chunk_ && !failed_call_) return not_a_response("", "the stream holds none");
    if (!is_done_ && finish_.empty()) {
      return failure(ErrorCode::bad_response, "the answer broke off before the model had finished");
    }
    calls_.tell_all();
    turn_.wire = Wire::openai_chat;
    turn_.calls = calls_.calls();
    if (has_message_) turn_.raw_content = write_message();
    set_finish(turn_, finish_, refusal_);
    if (failed_call_) {
      turn_.finish = failed_call_->finish;
      turn_.finish_detail = failed_call_->finish_detail;
    }
    return std::move(turn_);
  }

 private:
  Result<void> take(const ServerEvent& event) {
    if (is_done_ || event.data.empty()) return {};
    if (event.data == "[DONE]") {
      is_done_ = true;
      return {};
    }
    const auto document = json::Document::parse(event.data);
    if (!document) return not_a_response(event.data, document.error().message);
    const View chunk = document->root();
    // Only an answer without calls can be asked for once more.
    if (calls_.is_empty()) failed_call_ = openai::read_failed_call(chunk);
    is_done_ = failed_call_.has_value();
    if (is_done_) return {};
    if (openai::is_error(chunk)) return std::unexpected(openai::read_reported_error(chunk));
    if (event.type == "error") return std::unexpected(openai::read_reported_error(chunk));
    return take_chunk(chunk);
  }

  Result<void> take_chunk(const View& chunk) {
    const auto choice = find_choice(chunk);
    has_chunk_ = has_chunk_ || choice || chunk.find("choices");
    take_frame(turn_, chunk);
    if (!choice) return {};
    if (openai::is_error(*choice)) return std::unexpected(openai::read_reported_error(*choice));
    // A server that does not stream sends a message in the place of a delta.
    auto delta = choice->find("delta");
    if (!delta || !delta->is(Kind::object)) delta = choice->find("message");
    if (delta && delta->is(Kind::object)) take_delta(*delta);
    const std::string word = finish_word(*choice);
    if (word.empty()) return {};
    finish_ = word;
    calls_.tell_all();
    return {};
  }

  void take_delta(const View& delta) {
    has_message_ = true;
    refusal_ += refusal_text(delta);
    for (const auto& [key, value] : delta.members()) {
      if (key == "tool_calls") {
        for (const View& piece : value.items()) calls_.add(piece);
      } else if (key == "function_call") {
        if (value.is(Kind::object)) calls_.add_old(value);
      } else if (key == "content") {
        take_content(value);
      } else {
        take_other(key, value);
      }
    }
  }

  void take_content(const View& content) {
    const std::string piece = visible_text(content);
    if (content.is(Kind::null)) {
      members_.set("content", "null");
    } else {
      members_.append_text("content", piece);
    }
    if (piece.empty()) return;
    turn_.text += piece;
    listener_.on_text(piece);
  }

  void take_other(std::string_view key, const View& value) {
    if (key == "role" && !value.as_string().value_or("").empty()) role_ = *value.as_string();
    // Groq's `channel` is of the delta; in a message it would be refused.
    if (key == "role" || key == "channel") return;
    const bool is_text = std::ranges::find(kTextMembers, key) != kTextMembers.end();
    if (is_text && value.is(Kind::string)) {
      members_.append_text(key, *value.as_string());
    } else if (value.is(Kind::array)) {
      members_.append_items(key, value);
    } else {
      members_.set(key, value.raw());
    }
  }

  [[nodiscard]] std::string write_message() const {
    json::Writer writer;
    writer.begin_object().key("role").string(role_);
    members_.write(writer);
    if (!calls_.is_empty()) {
      writer.key("tool_calls");
      calls_.write(writer);
    }
    writer.end_object();
    return writer.take();
  }

  StreamListener& listener_;
  CallAssembly calls_;
  MergedMembers members_;  // of the message, without its role and calls
  ModelTurn turn_;
  std::optional<ModelTurn> failed_call_;  // what the server itself found to be no call
  std::string role_ = "assistant";
  std::string refusal_;
  std::string finish_;
  bool has_chunk_ = false;
  bool has_message_ = false;
  bool is_done_ = false;
  EventStream events_;
};

}  // namespace

std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener) {
  return std::make_unique<ChatStream>(listener);
}

}  // namespace atonce::protocol::openai_chat
