// Any text as the answer of a Responses server, whole and as a stream: however it is
// split it says the same, and what is accepted can be sent back as history with an answer for each
// call. Its length says how it is split.

#include "protocol/openai_responses.h"

#include "history.h"
#include "stream.h"

using namespace atonce;

namespace {

void check_turn(const protocol::ModelTurn& turn) {
  const std::vector<protocol::Message> history = fuzz::answered(turn);
  for (const bool is_stateful : {false, true}) {
    const std::string request = protocol::openai_responses::write_request(
        {.messages = history, .tools = {}}, {.model = "m", .is_stateful = is_stateful});
    // The model's own items, which are echoed, may look like answers, too.
    fuzz::require(fuzz::count_answers(request, "call_output") >= turn.calls.size(),
                  "every call is answered");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto turn = protocol::openai_responses::read_response(text)) check_turn(*turn);

  const auto read =
      fuzz::read_in_two_ways(protocol::openai_responses::make_stream_reader, text, 1 + size % 16U);
  if (!read) return 0;
  fuzz::require(read->told.calls.size() >= read->turn.calls.size(), "every call was told");
  check_turn(read->turn);
  return 0;
}
