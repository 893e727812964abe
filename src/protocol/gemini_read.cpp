#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/gemini_turn.h"

namespace atonce::protocol::gemini {
namespace {

void write_parts(json::Writer& writer, const std::string& content) {
  const auto document = json::Document::parse(content);
  const auto parts = document ? document->root().find("parts") : std::nullopt;
  if (!parts) return;
  if (parts->is(json::Kind::object)) writer.raw(parts->raw());
  for (const json::View& part : parts->items()) writer.raw(part.raw());
}

std::string join_contents(const std::string& one, const std::string& other) {
  json::Writer writer;
  writer.begin_object().key("role").string("model").key("parts").begin_array();
  write_parts(writer, one);
  write_parts(writer, other);
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  StreamListener nobody;
  TurnBuilder builder(nobody);
  if (auto added = builder.add(document->root()); !added) return std::unexpected(added.error());
  if (builder.is_empty()) return not_a_response(body, "it has no candidates");
  return builder.take();
}

void append_rest(ModelTurn& turn, ModelTurn rest) {
  if (turn.raw_content.empty()) {
    turn.raw_content = std::move(rest.raw_content);
  } else if (!rest.raw_content.empty()) {
    turn.raw_content = join_contents(turn.raw_content, rest.raw_content);
  }
  turn.text += rest.text;
  std::ranges::move(rest.calls, std::back_inserter(turn.calls));
  turn.finish = rest.finish;
  turn.finish_detail = std::move(rest.finish_detail);
  turn.usage += rest.usage;
  turn.continuation_token = std::move(rest.continuation_token);
  if (!rest.model.empty()) turn.model = std::move(rest.model);
  if (!rest.response_id.empty()) turn.response_id = std::move(rest.response_id);
}

}  // namespace atonce::protocol::gemini
