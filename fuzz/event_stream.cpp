// Any bytes as server-sent events: however they are split the events are the same, and none is
// longer than the bound. The first byte says how they are split.

#include "protocol/event_stream.h"

#include <algorithm>
#include <string>

#include "target.h"

using namespace atonce;

namespace {

constexpr std::size_t kMostBytes = 200;

// All that the stream tells, or why it was given up.
std::string hear(std::string_view text, std::size_t size) {
  std::string heard;
  protocol::EventStream stream(
      [&heard](const protocol::ServerEvent& event) {
        fuzz::require(event.data.size() <= kMostBytes, "an event is bounded");
        fuzz::require(event.type.find('\n') == std::string::npos, "a type is one line");
        heard += event.type + "\n" + event.id + "\n" + event.data + (event.is_bare ? "\n!" : "\n.");
        return Result<void>{};
      },
      kMostBytes);
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const std::string piece(text.substr(0, size));
    if (auto fed = stream.feed(piece); !fed) return heard + fed.error().message;
  }
  const auto finished = stream.finish();
  return finished ? heard : heard + finished.error().message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  fuzz::require(hear(text, text.size()) == hear(text, 1 + data[0] % 16U),
                "a split changes no event");
  return 0;
}
