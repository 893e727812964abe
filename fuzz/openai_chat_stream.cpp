// Any text as a streamed chat completion: however it is split it says the same, every call is told
// once as it is in the turn, and the turn can be sent back as history. The first byte says how it
// is split.

#include <algorithm>

#include "chat_history.h"
#include "stream.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto read = fuzz::read_in_two_ways(protocol::openai_chat::make_stream_reader,
                                           fuzz::text_of(data + 1, size - 1), 1 + data[0] % 16U);
  if (!read) return 0;
  const auto& [turn, told] = *read;
  fuzz::require(told.text == turn.text, "the texts told make up the turn's");
  fuzz::require(std::ranges::is_permutation(told.calls, turn.calls), "each call is told once");
  fuzz::check_echo(turn);
  return 0;
}
