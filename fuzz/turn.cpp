// Any text as a turn: what is accepted can be answered, and the answer is JSON.

#include "protocol/turn_json.h"
#include "target.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto plan = protocol::read_turn(fuzz::text_of(data, size));
  if (!plan) return 0;
  call::Reply reply;
  for (call::Call& call : plan->calls) {
    reply.calls.push_back({.call = std::move(call), .outcome = call::NotStarted{"not run"}});
  }
  const auto written = json::Document::parse(protocol::write_turn(reply));
  fuzz::require(written.has_value(), "a turn's answer is JSON");
  fuzz::require(written->root().items().size() == reply.calls.size(), "one outcome for each call");
  return 0;
}
