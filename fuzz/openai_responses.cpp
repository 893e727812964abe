// Any text as the answer of a Responses server, whole and as a stream: what is accepted can be sent
// back as history, and is JSON there.

#include "protocol/openai_responses.h"

#include "base/json.h"
#include "target.h"

using namespace atonce;

namespace {

class Count final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override {
    fuzz::require(json::to_valid_utf8(piece) == piece, "a piece of text is UTF-8");
  }
  void on_call(const call::Call&) override { ++calls; }
  std::size_t calls = 0;
};

void check_turn(const protocol::ModelTurn& turn) {
  protocol::FunctionResults results;
  for (const call::Call& call : turn.calls) {
    results.calls.push_back({.call = call, .outcome = call::Returned{"null"}});
  }
  const std::vector<protocol::Message> history{protocol::UserText{"?"}, turn, results};
  for (const bool is_stateful : {false, true}) {
    const std::string request = protocol::openai_responses::write_request(
        {.messages = history, .tools = {}}, {.model = "m", .is_stateful = is_stateful});
    const auto document = json::Document::parse(request);
    fuzz::require(document.has_value(), "a request is JSON");
    std::size_t outputs = 0;
    for (const json::View& item : document->root().find("input")->items()) {
      const auto type = item.find("type");
      const auto word = type ? type->as_string().value_or("") : std::string_view{};
      outputs += word == "function_call_output" || word == "custom_tool_call_output" ? 1 : 0;
    }
    fuzz::require(outputs >= turn.calls.size(), "every call is answered");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto turn = protocol::openai_responses::read_response(text)) check_turn(*turn);

  Count count;
  const auto reader = protocol::openai_responses::make_stream_reader(count);
  const std::size_t half = size / 2;
  if (!reader->feed(text.substr(0, half)) || !reader->feed(text.substr(half))) return 0;
  const auto turn = reader->finish();
  if (!turn) return 0;
  fuzz::require(count.calls >= turn->calls.size(), "every call was told");
  check_turn(*turn);
  return 0;
}
