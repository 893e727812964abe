// Questions to a client of a modern revision, round by round: the answer of one request says what
// is needed, and the next request brings it. Between them the client keeps what it has answered
// before, sealed.
//
// Thread safety: all functions from any thread.
#pragma once

#include <expected>
#include <map>
#include <string>

#include "base/clock.h"
#include "protocol/mcp_message.h"
#include "serve/asked.h"
#include "serve/sealed_state.h"
#include "serve/served_call.h"

namespace atonce::serve {

class QuestionRounds final {
 public:
  explicit QuestionRounds(Clock& clock) : clock_(clock) {}

  // The members of the result that asks for what the call needs.
  [[nodiscard]] std::string ask(const ServedCall& served, const Needed& needed) const;

  // By key: JSON.
  using Answers = std::expected<std::map<std::string, std::string>, protocol::mcp::RpcError>;

  // The answers that a request brings, of this round and of those before. None of a legacy client,
  // which is asked while its call waits.
  // Errors: invalid_params, for a state that was not given out for this request, or too long ago.
  [[nodiscard]] Answers known_answers(const Asked& asked) const;

 private:
  [[nodiscard]] Answers answers_in_state(const Asked& asked, const json::View& state) const;

  Clock& clock_;
  const Seal seal_;
};

}  // namespace atonce::serve
