#include "compare/round.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/json.h"

namespace atonce::compare {
namespace {

std::unexpected<Error> missing(std::string_view name) {
  return failure(ErrorCode::bad_response,
                 "the measuring process gave a round without `" + std::string(name) + "`");
}

std::int64_t number_in(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? member->as_int64().value_or(0) : 0;
}

std::size_t count_in(const json::View& object, std::string_view name) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, number_in(object, name)));
}

std::string text_in(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? std::string(member->as_string().value_or("")) : std::string();
}

std::vector<std::string> texts_in(const json::View& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto member = object.find(name);
  if (!member) return texts;
  for (const json::View& each : member->items()) texts.emplace_back(each.as_string().value_or(""));
  return texts;
}

void write_texts(json::Writer& writer, std::string_view name,
                 const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_locks(json::Writer& writer, const std::vector<LockWait>& locks) {
  writer.key("locks").begin_array();
  for (const LockWait& lock : locks) {
    writer.begin_object().key("name").string(lock.name).key("place").string(lock.place);
    writer.key("waited_ns").integer(lock.waited.count());
    writer.key("waits").integer(static_cast<std::int64_t>(lock.waits)).end_object();
  }
  writer.end_array();
}

Result<std::vector<Span>> read_spans(const json::View& object) {
  const auto member = object.find("spans");
  if (!member || !member->is(json::Kind::array)) return missing("spans");
  std::vector<Span> spans;
  for (const json::View& each : member->items()) {
    const auto parts = each.items();
    if (parts.size() != 3) return missing("spans");
    spans.push_back({.started = Duration(parts[0].as_int64().value_or(0)),
                     .ended = Duration(parts[1].as_int64().value_or(0)),
                     .lane = static_cast<std::size_t>(parts[2].as_int64().value_or(0))});
  }
  return spans;
}

std::vector<LockWait> read_locks(const json::View& object) {
  std::vector<LockWait> locks;
  const auto member = object.find("locks");
  if (!member) return locks;
  for (const json::View& each : member->items()) {
    locks.push_back({.name = text_in(each, "name"),
                     .place = text_in(each, "place"),
                     .waited = Duration(number_in(each, "waited_ns")),
                     .waits = static_cast<std::uint64_t>(count_in(each, "waits"))});
  }
  return locks;
}

}  // namespace

std::string write_round_order(const RoundOrder& order) {
  json::Writer writer;
  writer.begin_object().key("calls").integer(static_cast<std::int64_t>(order.calls));
  write_texts(writer, "arguments", order.arguments);
  std::vector<std::string> encoded;
  for (const std::string& pickle : order.pickles) encoded.push_back(to_base64(pickle));
  write_texts(writer, "pickles", encoded);
  writer.end_object();
  return writer.take();
}

std::string write_round(const Round& round) {
  json::Writer writer;
  writer.begin_object().key("elapsed_ns").integer(round.elapsed.count());
  writer.key("spans").begin_array();
  for (const Span& span : round.spans) {
    writer.begin_array().integer(span.started.count()).integer(span.ended.count());
    writer.integer(static_cast<std::int64_t>(span.lane)).end_array();
  }
  writer.end_array();
  writer.key("busy_ns").integer(round.busy.count());
  writer.key("failed").integer(static_cast<std::int64_t>(round.failed));
  writer.key("failure").string(round.failure);
  writer.key("collections").integer(static_cast<std::int64_t>(round.collections));
  writer.key("collector_ns").integer(round.collector.count());
  writer.key("copied_bytes").integer(static_cast<std::int64_t>(round.copied_bytes));
  writer.key("is_gil_on").boolean(round.is_gil_on);
  write_texts(writer, "gil_enablers", round.gil_enablers);
  write_locks(writer, round.locks);
  writer.end_object();
  return writer.take();
}

Result<RoundOrder> read_round_order(std::string_view json) {
  const auto document = json::Document::parse(json);
  if (!document) return std::unexpected(document.error());
  const json::View root = document->root();
  RoundOrder order{.calls = count_in(root, "calls"), .arguments = texts_in(root, "arguments")};
  if (order.calls == 0 || order.arguments.empty()) return missing("calls and arguments");
  return order;
}

Result<Round> read_round(std::string_view json) {
  const auto document = json::Document::parse(json);
  if (!document) return std::unexpected(document.error());
  const json::View root = document->root();
  const auto elapsed = root.find("elapsed_ns");
  if (!elapsed || !elapsed->as_int64()) return missing("elapsed_ns");
  auto spans = read_spans(root);
  if (!spans) return std::unexpected(spans.error());
  const auto is_gil_on = root.find("is_gil_on");
  return Round{.elapsed = Duration(*elapsed->as_int64()),
               .spans = *std::move(spans),
               .busy = Duration(number_in(root, "busy_ns")),
               .failed = count_in(root, "failed"),
               .failure = text_in(root, "failure"),
               .collections = count_in(root, "collections"),
               .collector = Duration(number_in(root, "collector_ns")),
               .copied_bytes = count_in(root, "copied_bytes"),
               .is_gil_on = is_gil_on && is_gil_on->as_bool().value_or(false),
               .gil_enablers = texts_in(root, "gil_enablers"),
               .locks = read_locks(root)};
}

}  // namespace atonce::compare
