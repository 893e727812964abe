// Answers that a model may give, at random: over each of the wires, tidy as the providers document
// them or messy as servers really are, read by the wire's own reader.
#pragma once

#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/message.h"

namespace atonce::model {

// The same numbers for the same seed, on every machine.
class Random final {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  [[nodiscard]] std::size_t below(std::size_t end) { return engine_() % end; }
  [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }

  template <typename T>
  [[nodiscard]] T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }
  [[nodiscard]] std::string pick_text(std::initializer_list<const char*> choices) {
    return pick(choices);
  }

 private:
  std::mt19937 engine_;
};

// What the model said, and what of it has to come back byte for byte; nothing has to if the server
// said what no server takes back.
struct RandomAnswer {
  Result<protocol::ModelTurn> turn;
  std::vector<std::string> verbatim = {};
};

// Up to six calls, some text, or nothing at all. `number` makes ids that no other answer has.
[[nodiscard]] RandomAnswer random_answer(Random& random, std::size_t number);

// Anything that can become of a call.
[[nodiscard]] call::Outcome random_outcome(Random& random);

}  // namespace atonce::model
