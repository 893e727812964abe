// Any text as Gemini's answer: what is accepted can be sent back as history, and is JSON there.

#include <algorithm>

#include "base/json.h"
#include "protocol/gemini.h"
#include "target.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::require(!protocol::gemini::read_error(400, text, "m").message.contains('\n'),
                "an error is one line");
  const auto turn = protocol::gemini::read_response(text);
  if (!turn) return 0;
  protocol::FunctionResults results;
  for (const call::Call& call : turn->calls) {
    fuzz::require(json::Document::parse(call.arguments).has_value(), "arguments are JSON");
    results.calls.push_back({.call = call, .outcome = call::Returned{"null"}});
  }
  const std::vector<protocol::Message> history{protocol::UserText{"?"}, *turn, results};
  const std::string request = protocol::gemini::write_request({.messages = history, .tools = {}});
  fuzz::require(json::Document::parse(request).has_value(), "a request is JSON");
  const auto content = json::Document::parse(turn->raw_content);
  const auto parts = content ? content->root().find("parts") : std::nullopt;
  for (const json::View& part : parts ? parts->items() : std::vector<json::View>{}) {
    fuzz::require(request.contains(part.raw()), "the model's parts are echoed verbatim");
  }
  return 0;
}
