// Any text as Gemini's stream: however it is split it says the same, and what it says can be sent
// back as history. The first byte says how it is split.

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "target.h"

using namespace atonce;

namespace {

class Told final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override { text += piece; }
  void on_call(const call::Call& call) override { calls.push_back(call); }

  std::string text;
  std::vector<call::Call> calls;
};

Result<protocol::ModelTurn> read(std::string_view text, std::size_t size, Told& told) {
  const auto reader = protocol::gemini::make_stream_reader(told);
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const std::string piece(text.substr(0, size));
    if (auto fed = reader->feed(piece); !fed) return std::unexpected(fed.error());
  }
  return reader->finish();
}

void check_turn(const protocol::ModelTurn& turn, const Told& told) {
  fuzz::require(told.text == turn.text, "the texts told make up the turn's");
  const bool is_refused = turn.finish == protocol::Finish::unexpected_call;
  fuzz::require(is_refused || told.calls.size() <= turn.calls.size(), "no call is told twice");
  protocol::FunctionResults results;
  for (const call::Call& call : turn.calls) {
    fuzz::require(json::Document::parse(call.arguments).has_value(), "arguments are JSON");
    results.calls.push_back({.call = call, .outcome = call::Returned{"null"}});
  }
  const std::vector<protocol::Message> history{protocol::UserText{"?"}, turn, results};
  const std::string request = protocol::gemini::write_request({.messages = history, .tools = {}});
  const auto document = json::Document::parse(request);
  fuzz::require(document.has_value(), "a request is JSON");
  if (turn.raw_content.empty()) return;
  const auto content = json::Document::parse(turn.raw_content);
  fuzz::require(content.has_value(), "the content is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  Told told_whole;
  Told told_split;
  const auto whole = read(text, text.size(), told_whole);
  const auto split = read(text, 1 + data[0] % 16U, told_split);
  fuzz::require(whole.has_value() == split.has_value(), "a split does not decide");
  fuzz::require(told_whole.text == told_split.text, "a split changes no text");
  fuzz::require(told_whole.calls == told_split.calls, "a split changes no call");
  if (!whole) {
    fuzz::require(whole.error() == split.error(), "a split changes no error");
    return 0;
  }
  fuzz::require(whole->raw_content == split->raw_content, "a split changes no content");
  check_turn(*whole, told_whole);
  return 0;
}
