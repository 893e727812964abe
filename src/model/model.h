// Something that answers: messages in, calls or text out. Gemini over HTTP and the embedded model
// are two; the loop (conversation.h) knows only this.
//
// Thread safety: answer() is called by one thread at a time; cancel() from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::model {

class Model {
 public:
  virtual ~Model() = default;

  // The specification it was opened by, such as "gemini/gemini-flash-latest".
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Whether it can be asked for all that the request wants; of the messages, the files of the last
  // are looked at.
  // Errors: bad_input, for files or provider's tools that it has no way to take.
  [[nodiscard]] virtual Result<void> check(const protocol::ModelRequest& /*request*/) const {
    return {};
  }

  // How many tokens the request would cost to read. Blocks, as answer().
  // Errors: as answer(); not_found when the model's server does not count.
  [[nodiscard]] virtual Result<std::int64_t> count_tokens(const protocol::ModelRequest&) {
    return failure(ErrorCode::not_found, "`" + std::string(name()) + "` does not count tokens",
                   "gemini/NAME, vertex/NAME and local do");
  }

  // One response of the model. Blocks; retries what the provider says may be retried. `listener`,
  // if there is one, is told the answer's text and calls as they come, on this thread; a model that
  // cannot say them earlier tells it nothing.
  // Errors: unauthorized, not_found, refused, unavailable, timed_out, bad_response, cancelled;
  // bad_input when the request or the address cannot be used.
  [[nodiscard]] virtual Result<protocol::ModelTurn> answer(const protocol::ModelRequest& request,
                                                           protocol::StreamListener* listener) = 0;

  // Makes a running answer() return `cancelled` soon, and every later one at once.
  virtual void cancel() = 0;

  // Takes cancel() back. For the thread that calls answer(), not while it does.
  virtual void uncancel() = 0;
};

}  // namespace atonce::model
