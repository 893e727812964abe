// Any text as Gemini's answer: what is accepted can be sent back as history, and is JSON there.

#include "gemini_history.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::require(!protocol::gemini::read_error(400, text, "m").message.contains('\n'),
                "an error is one line");
  if (const auto turn = protocol::gemini::read_response(text)) fuzz::check_echo(*turn);
  return 0;
}
