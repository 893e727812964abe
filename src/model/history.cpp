#include "model/history.h"

namespace atonce::model {

using protocol::Message;

std::optional<protocol::FunctionResults> missing_results(std::span<const Message> history) {
  const auto* const turn =
      history.empty() ? nullptr : std::get_if<protocol::ModelTurn>(&history.back());
  if (turn == nullptr || turn->calls.empty()) return std::nullopt;
  protocol::FunctionResults results;
  for (const call::Call& call : turn->calls) {
    results.calls.push_back(
        {.call = call,
         .outcome = call::Interrupted{"the program ended; whether the function ran is not known"}});
  }
  return results;
}

bool awaits_answer(std::span<const Message> history) {
  return !history.empty() && !std::holds_alternative<protocol::ModelTurn>(history.back());
}

std::optional<std::size_t> count_after_question(std::span<const Message> history) {
  for (std::size_t count = 0; count < history.size(); ++count) {
    const Message& message = history[history.size() - 1 - count];
    if (std::holds_alternative<protocol::UserText>(message)) return count;
  }
  return std::nullopt;
}

}  // namespace atonce::model
