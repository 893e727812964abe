// Any text as a block of calls of the embedded model: arguments become JSON objects, and a call
// that is written and read again stays the same.

#include "model/local_calls.h"
#include "target.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto calls = model::read_call_block(fuzz::text_of(data, size));
  if (!calls) return 0;
  for (const call::Call& call : *calls) {
    const auto arguments = json::Document::parse(call.arguments);
    fuzz::require(arguments && arguments->root().is(json::Kind::object), "arguments are an object");
    const auto again = model::read_call_block(model::write_call_line(call));
    fuzz::require(again && *again == std::vector{call}, "a call survives being written");
  }
  return 0;
}
