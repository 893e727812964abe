// Any text as a streamed chat completion: however it is split it says the same, every call is told
// once as it is in the turn, and the turn can be sent back as history. The first byte says how it
// is split.

#include <algorithm>
#include <string>
#include <vector>

#include "chat_history.h"

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
  const auto reader = protocol::openai_chat::make_stream_reader(told);
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const std::string piece(text.substr(0, size));
    if (auto fed = reader->feed(piece); !fed) return std::unexpected(fed.error());
  }
  return reader->finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  Told told;
  Told told_split;
  const auto whole = read(text, text.size(), told);
  const auto split = read(text, 1 + data[0] % 16U, told_split);
  fuzz::require(whole.has_value() == split.has_value(), "a split does not decide");
  fuzz::require(told.text == told_split.text, "a split changes no text");
  fuzz::require(told.calls == told_split.calls, "a split changes no call");
  if (!whole) {
    fuzz::require(whole.error() == split.error(), "a split changes no error");
    return 0;
  }
  fuzz::require(whole->raw_content == split->raw_content, "a split changes no message");
  fuzz::require(told.text == whole->text, "the texts told make up the turn's");
  fuzz::require(std::ranges::is_permutation(told.calls, whole->calls), "each call is told once");
  fuzz::check_echo(*whole);
  return 0;
}
