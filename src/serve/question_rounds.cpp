#include "serve/question_rounds.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace atonce::serve {
namespace {

using json::Kind;
using json::View;
using protocol::mcp::RpcError;

constexpr Duration kStateLives = std::chrono::minutes(15);

RpcError invalid_params(std::string why) { return {protocol::mcp::kInvalidParams, std::move(why)}; }

// What a round is bound to: who asks, and for what.
std::string binding_of(const Asked& asked) {
  json::Writer writer;
  writer.begin_array().string(asked.caller).string(asked.method());
  for (const std::string_view member : {"name", "uri", "arguments"}) {
    const auto value = asked.message->param(member);
    value ? writer.raw(value->raw()) : writer.null();
  }
  writer.end_array();
  return writer.take();
}

std::int64_t in_milliseconds(Time time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void add_members(std::map<std::string, std::string>& answers, const View& object) {
  for (const json::Member& each : object.members()) {
    answers[std::string(each.key)] = each.value.raw();
  }
}

}  // namespace

// The state holds the answers so far, and until when they count.
std::string QuestionRounds::ask(const ServedCall& served, const Needed& needed) const {
  json::Writer state;
  state.begin_object().key("until").integer(in_milliseconds(clock_.now() + kStateLives));
  state.key("answers").begin_object();
  for (const auto& [key, known] : served.known()) state.key(key).raw(known);
  state.end_object().end_object();
  json::Writer requests;
  requests.begin_object();
  for (const auto& [key, request] : needed.requests) requests.key(key).raw(request);
  std::string members = R"("inputRequests":)" + requests.end_object().take();
  members.append(R"(,"requestState":)");
  return members.append(json::quoted(seal_.close(state.take(), binding_of(served.asked()))));
}

QuestionRounds::Answers QuestionRounds::known_answers(const Asked& asked) const {
  Answers known;
  if (!asked.is_modern()) return known;
  if (const auto state = asked.message->param("requestState")) {
    known = answers_in_state(asked, *state);
    if (!known) return known;
  }
  const auto responses = asked.message->param("inputResponses");
  if (!responses) return known;
  if (!responses->is(Kind::object)) {
    return std::unexpected(invalid_params("`inputResponses` must be an object"));
  }
  add_members(*known, *responses);
  return known;
}

QuestionRounds::Answers QuestionRounds::answers_in_state(const Asked& asked,
                                                         const View& state) const {
  const auto text = seal_.open(state.as_string().value_or(""), binding_of(asked));
  const auto document = text ? std::optional(json::Document::parse(*text)) : std::nullopt;
  if (!document || !*document) {
    return std::unexpected(invalid_params("`requestState` is none that was given out for this"));
  }
  const auto until = (*document)->root().find("until");
  if (!until || until->as_int64().value_or(0) < in_milliseconds(clock_.now())) {
    return std::unexpected(invalid_params("`requestState` is too old: ask again without it"));
  }
  Answers known;
  if (const auto answers = (*document)->root().find("answers")) add_members(*known, *answers);
  return known;
}

}  // namespace atonce::serve
