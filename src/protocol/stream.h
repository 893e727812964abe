// A model's answer that comes in pieces: bytes in, in any split, and what they say as soon as they
// say it. Each wire has a reader; none does I/O.
//
// Thread safety: one thread at a time.
#pragma once

#include <string_view>

#include "base/result.h"
#include "call/call.h"
#include "protocol/message.h"

namespace atonce::protocol {

// Told while a stream comes, on the thread that feeds the reader.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_text(std::string_view /*piece*/) {}  // visible text, valid UTF-8
  // A call whose arguments have all come. In the order in which they become complete, which need
  // not be the order of the finished turn.
  virtual void on_call(const call::Call& /*call*/) {}
};

class StreamReader {
 public:
  virtual ~StreamReader() = default;

  // The next bytes of the body, split anywhere. After an error the stream is to be given up.
  // Errors: bad_response for what is not this wire; what the server reports in the stream, as the
  // wire's read_error() gives it.
  [[nodiscard]] virtual Result<void> feed(std::string_view bytes) = 0;

  // The connection has ended: the whole turn, equal in meaning to the unary answer.
  // Errors: as feed(); bad_response when the answer is not complete.
  [[nodiscard]] virtual Result<ModelTurn> finish() = 0;
};

}  // namespace atonce::protocol
