// Any bytes as a streamed JSON array: however they are split the elements are the same, and each
// element of a body that is JSON is JSON. The first byte says how they are split.

#include "protocol/json_array_stream.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "target.h"

using namespace atonce;

namespace {

struct Cut {
  std::vector<std::string> elements;
  bool is_whole = false;
};

Cut cut(std::string_view text, std::size_t size) {
  Cut cut;
  protocol::JsonArrayStream stream([&cut](std::string_view element) {
    cut.elements.emplace_back(element);
    return Result<void>{};
  });
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const std::string piece(text.substr(0, size));
    if (!stream.feed(piece)) return cut;
  }
  cut.is_whole = stream.finish().has_value();
  return cut;
}

// What the JSON reader says of a body that is an array of objects. It passes over a byte order
// mark, which no server puts before an array.
void check_elements(std::string_view text, const Cut& cut) {
  if (text.starts_with("\xEF\xBB\xBF")) return;
  const auto document = json::Document::parse(text);
  if (!document || !document->root().is(json::Kind::array)) return;
  const std::vector<json::View> items = document->root().items();
  const bool is_all_objects =
      std::ranges::all_of(items, [](const auto& item) { return item.is(json::Kind::object); });
  fuzz::require(cut.is_whole == is_all_objects, "arrays of objects are taken, and no others");
  if (!cut.is_whole) return;
  fuzz::require(cut.elements.size() == items.size(), "no element is lost");
  for (std::size_t at = 0; at < items.size(); ++at) {
    fuzz::require(cut.elements[at] == items[at].raw(), "an element is its exact text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const Cut whole = cut(text, text.size());
  const Cut split = cut(text, 1 + data[0] % 16U);
  fuzz::require(whole.elements == split.elements, "a split changes no element");
  fuzz::require(whole.is_whole == split.is_whole, "a split does not decide");
  check_elements(text, whole);
  return 0;
}
