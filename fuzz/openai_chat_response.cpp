// Any text as the answer of a chat completions API: what is accepted can be sent back as history.

#include "chat_history.h"
#include "protocol/openai_error.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const Error error = protocol::openai::read_error(429, text, "m");
  fuzz::require(!error.message.contains('\n'), "an error is one line");
  const auto turn = protocol::openai_chat::read_response(text);
  if (!turn) {
    fuzz::require(!turn.error().message.contains('\n'), "an error is one line");
    return 0;
  }
  fuzz::check_echo(*turn);
  return 0;
}
