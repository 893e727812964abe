// Any text as Gemini's stream: however it is split it says the same, and what it says can be sent
// back as history. The first byte says how it is split.

#include "gemini_history.h"
#include "stream.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto read = fuzz::read_in_two_ways(protocol::gemini::make_stream_reader,
                                           fuzz::text_of(data + 1, size - 1), 1 + data[0] % 16U);
  if (!read) return 0;
  const auto& [turn, told] = *read;
  fuzz::require(told.text == turn.text, "the texts told make up the turn's");
  const bool is_refused = turn.finish == protocol::Finish::unexpected_call;
  fuzz::require(is_refused || told.calls.size() <= turn.calls.size(), "no call is told twice");
  fuzz::check_echo(turn);
  return 0;
}
