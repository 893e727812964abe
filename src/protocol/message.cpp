#include "protocol/message.h"

namespace atonce::protocol {

Usage& Usage::operator+=(const Usage& other) {
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  thought_tokens += other.thought_tokens;
  cached_tokens += other.cached_tokens;
  total_tokens += other.total_tokens;
  return *this;
}

}  // namespace atonce::protocol
