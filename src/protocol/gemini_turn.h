// Puts one turn together from Gemini's responses: the only one of a unary answer or the chunks of a
// streamed one. Used by this folder's gemini_*.cpp only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/gemini_partial_call.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::protocol::gemini {

// A body that is not Gemini's; `why` says what is wrong with it.
[[nodiscard]] std::unexpected<Error> not_a_response(std::string_view body, const std::string& why);

class TurnBuilder final {
 public:
  explicit TurnBuilder(StreamListener& listener) : listener_(listener) {}

  // A response or an array of them.
  // Errors: those of read_error() for an error object; bad_response for partial arguments that do
  // not fit together.
  [[nodiscard]] Result<void> add(const json::View& root);

  [[nodiscard]] bool is_empty() const { return !has_any_; }  // no response was among what came
  [[nodiscard]] bool has_parts() const { return !parts_.empty(); }
  [[nodiscard]] bool is_finished() const { return has_finish_; }  // the server said why it stopped

  [[nodiscard]] ModelTurn take();

 private:
  void add_feedback(const json::View& feedback);
  [[nodiscard]] Result<void> add_response(const json::View& response);
  [[nodiscard]] Result<void> add_candidate(const json::View& candidate);
  [[nodiscard]] Result<void> add_part(const json::View& part);
  [[nodiscard]] Result<void> add_call(const json::View& part, const json::View& call);
  void add_finish(const json::View& candidate);
  void add_usage(const json::View& usage);
  void add_whole_call(call::Call call);
  void close_call();
  [[nodiscard]] std::string join_parts() const;

  StreamListener& listener_;
  ModelTurn turn_{.wire = Wire::gemini};
  std::vector<std::string> parts_;  // in order, verbatim but for calls that came in pieces
  std::string content_;             // the first content with parts, verbatim
  std::optional<PartialCall> open_call_;
  std::size_t open_part_ = 0;  // where in parts_ the open call goes
  bool is_content_whole_ = false;
  bool has_candidates_ = false;
  bool has_any_ = false;
  bool has_finish_ = false;
};

}  // namespace atonce::protocol::gemini
