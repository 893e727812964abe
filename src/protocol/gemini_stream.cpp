#include <optional>
#include <string>
#include <variant>

#include "base/json.h"
#include "protocol/event_stream.h"
#include "protocol/gemini.h"
#include "protocol/gemini_turn.h"
#include "protocol/json_array_stream.h"

namespace atonce::protocol::gemini {
namespace {

// Takes events and JSON alike: the first byte tells them apart, whatever the content type says.
class GeminiStreamReader final : public StreamReader {
 public:
  explicit GeminiStreamReader(StreamListener& listener) : builder_(listener) {}

  Result<void> feed(std::string_view bytes) override {
    if (std::holds_alternative<std::monostate>(body_)) {
      const auto first = bytes.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos) return {};
      bytes.remove_prefix(first);
      if (bytes.front() == '<') return not_a_response("<", "");
      open(bytes.front());
    }
    if (auto* const array = std::get_if<JsonArrayStream>(&body_)) return array->feed(bytes);
    return std::get<EventStream>(body_).feed(bytes);
  }

  Result<ModelTurn> finish() override {
    Result<void> ended;
    if (auto* const array = std::get_if<JsonArrayStream>(&body_)) ended = array->finish();
    if (auto* const events = std::get_if<EventStream>(&body_)) ended = events->finish();
    if (!ended) return std::unexpected(ended.error());
    if (builder_.is_empty()) return not_a_response("", "it has no candidates");
    if (builder_.has_parts() && !builder_.is_finished()) {
      return failure(ErrorCode::bad_response, "the server's answer broke off before its end");
    }
    return builder_.take();
  }

 private:
  void open(char first) {
    if (first == '[' || first == '{') {
      body_.emplace<JsonArrayStream>([this](std::string_view element) { return add(element); });
    } else {
      body_.emplace<EventStream>([this](const ServerEvent& event) {
        // Google sends no such mark; gateways do.
        return event.data == "[DONE]" ? Result<void>{} : add(event.data);
      });
    }
  }

  Result<void> add(std::string_view text) {
    const auto document = json::Document::parse(text);
    if (!document) return not_a_response(text, document.error().message);
    return builder_.add(document->root());
  }

  TurnBuilder builder_;
  std::variant<std::monostate, JsonArrayStream, EventStream> body_;
};

}  // namespace

std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener) {
  return std::make_unique<GeminiStreamReader>(listener);
}

}  // namespace atonce::protocol::gemini
