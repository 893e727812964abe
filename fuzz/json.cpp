// Any text as JSON: what is accepted keeps its bytes, and what is read back from it is the same.

#include "base/json.h"

#include "target.h"

using namespace atonce;

namespace {

void visit(const json::View& view) {
  if (const auto text = view.as_string()) {
    const std::string quoted = json::quoted(*text);
    const auto again = json::Document::parse(quoted);
    fuzz::require(again && again->root().as_string() == *text, "a string survives being quoted");
  }
  for (const json::View& item : view.items()) visit(item);
  for (const json::Member& member : view.members()) visit(member.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = json::Document::parse(fuzz::text_of(data, size));
  if (!document) return 0;
  const auto again = json::Document::parse(document->root().raw());
  fuzz::require(again.has_value(), "a value's raw text is JSON");
  fuzz::require(again->root().raw() == document->root().raw(), "raw text is kept");
  visit(document->root());
  return 0;
}
