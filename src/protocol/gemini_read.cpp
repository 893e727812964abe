#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/gemini_turn.h"

namespace atonce::protocol::gemini {

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  StreamListener nobody;
  TurnBuilder builder(nobody);
  if (auto added = builder.add(document->root()); !added) return std::unexpected(added.error());
  if (builder.is_empty()) return not_a_response(body, "it has no candidates");
  return builder.take();
}

}  // namespace atonce::protocol::gemini
