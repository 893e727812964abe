#include "protocol/turn_json.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/json_fields.h"

namespace atonce::protocol {
namespace {

constexpr std::string_view kForm = R"(a call is {"id":"1","name":"add","args":{"a":1,"b":2}})";

Result<call::Call> read_call(const json::View& view, std::size_t number) {
  const std::string where = "call " + std::to_string(number);
  auto refuse = [&](const std::string& what) {
    return failure(ErrorCode::bad_input, where + " " + what, std::string(kForm));
  };
  if (!view.is(json::Kind::object)) return refuse("is not an object");
  call::Call call{.id = std::to_string(number), .name = "", .arguments = "{}"};
  for (const auto& [key, value] : view.members()) {
    if (key == "name" && value.as_string()) {
      call.name = *value.as_string();
    } else if (key == "id" && (value.as_string() || value.is(json::Kind::number))) {
      call.id = value.as_string().value_or(value.raw());
    } else if (key == "args" && value.is(json::Kind::object)) {
      call.arguments = value.raw();
    } else if (key == "timeout" && value.as_double().value_or(-1) > 0) {
      call.timeout = std::chrono::milliseconds(std::llround(*value.as_double() * 1000));
    } else if (key != "args" || !value.is(json::Kind::null)) {
      return refuse("has a member `" + std::string(key) +
                    "` that is not understood: " + std::string(value.raw().substr(0, 100)));
    }
  }
  if (call.name.empty()) return refuse("has no name");
  return call;
}

Result<void> append(call::Plan& plan, const json::View& view) {
  auto call = read_call(view, plan.calls.size() + 1);
  if (!call) return std::unexpected(call.error());
  plan.calls.push_back(*std::move(call));
  return {};
}

Result<call::Plan> read_lines(std::string_view text) {
  call::Plan plan;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto document = json::Document::parse(line);
    if (!document) return std::unexpected(document.error());
    if (auto done = append(plan, document->root()); !done) return std::unexpected(done.error());
  }
  return plan;
}

double to_ms(std::chrono::nanoseconds time) {
  return std::round(static_cast<double>(time.count()) / 1e3) / 1e3;
}

std::string_view error_type(const call::Outcome& outcome) {
  if (const auto* raised = std::get_if<call::Raised>(&outcome)) return raised->type;
  if (const auto* invalid = std::get_if<call::Invalid>(&outcome)) return invalid->type;
  return name_of(outcome);
}

std::string error_message(const call::Outcome& outcome) {
  if (const auto* raised = std::get_if<call::Raised>(&outcome)) return raised->message;
  return describe(outcome);
}

void write_error(json::Writer& writer, const call::Outcome& outcome) {
  writer.key("error").begin_object();
  writer.key("type").string(error_type(outcome)).key("message").string(error_message(outcome));
  if (const auto* invalid = std::get_if<call::Invalid>(&outcome);
      invalid != nullptr && !invalid->problems.empty()) {
    writer.key("problems").raw(invalid->problems);
  }
  if (const auto* late = std::get_if<call::TimedOut>(&outcome)) {
    writer.key("limit_ms").integer(late->limit.count());
  }
  writer.end_object();
}

std::string without(std::string_view prefix, std::string text) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

std::chrono::nanoseconds time_of(const std::optional<json::View>& view) {
  return std::chrono::nanoseconds(std::llround((view ? view->as_double().value_or(0) : 0) * 1e6));
}

std::optional<call::Outcome> read_outcome(const json::View& view) {
  const std::string name = text_of(view, "outcome");
  if (const auto result = view.find("result"); result && name == "returned") {
    return call::Returned{std::string(result->raw())};
  }
  const auto error = view.find("error");
  if (!error) return std::nullopt;
  std::string type = text_of(*error, "type");
  std::string message = text_of(*error, "message");
  if (name == "raised") return call::Raised{.type = std::move(type), .message = std::move(message)};
  if (name == "invalid") {
    const auto problems = error->find("problems");
    return call::Invalid{.type = std::move(type),
                         .message = std::move(message),
                         .problems = std::string(problems ? problems->raw() : "")};
  }
  if (name == "timed_out") {
    const auto limit = error->find("limit_ms");
    return call::TimedOut{std::chrono::milliseconds(limit ? limit->as_int64().value_or(0) : 0)};
  }
  if (name == "cancelled") return call::Cancelled{};
  if (name == "not_started") return call::NotStarted{without("not started: ", std::move(message))};
  if (name == "interrupted") return call::Interrupted{without("interrupted: ", std::move(message))};
  return std::nullopt;
}

}  // namespace

Result<call::Plan> read_turn(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document) {
    // One object a line is not one JSON text; if that fails too, the first error is the telling
    // one.
    auto lines = read_lines(text);
    if (lines && lines->calls.size() > 1) return lines;
    const bool looks_like_lines = text.find("}\n") != std::string_view::npos;
    const Error& error = looks_like_lines && !lines ? lines.error() : document.error();
    return failure(ErrorCode::bad_input, "the turn is " + error.message, std::string(kForm));
  }
  call::Plan plan;
  const json::View root = document->root();
  if (root.is(json::Kind::object)) {
    if (auto done = append(plan, root); !done) return std::unexpected(done.error());
    return plan;
  }
  if (!root.is(json::Kind::array)) {
    return failure(ErrorCode::bad_input, "the turn is neither an array of calls nor a call",
                   std::string(kForm));
  }
  for (const json::View& item : root.items()) {
    if (auto done = append(plan, item); !done) return std::unexpected(done.error());
  }
  return plan;
}

void write_call_members(json::Writer& writer, const call::Call& call) {
  writer.key("id").string(call.id).key("name").string(call.name).key("args");
  // Arguments that are not JSON are still shown, as the text that they are.
  if (json::Document::parse(call.arguments)) {
    writer.raw(call.arguments);
  } else {
    writer.string(call.arguments);
  }
}

call::Call read_call_members(const json::View& view) {
  const auto arguments = view.find("args");
  return {.id = text_of(view, "id"),
          .name = text_of(view, "name"),
          .arguments =
              arguments ? std::string(arguments->as_string().value_or(arguments->raw())) : "{}"};
}

void write_finished(json::Writer& writer, const call::Finished& finished) {
  writer.begin_object();
  write_call_members(writer, finished.call);
  writer.key("outcome").string(name_of(finished.outcome));
  if (const auto* returned = std::get_if<call::Returned>(&finished.outcome)) {
    writer.key("result").raw(returned->result);
  } else {
    write_error(writer, finished.outcome);
  }
  writer.key("started_ms").number(to_ms(finished.started));
  writer.key("ended_ms").number(to_ms(finished.ended));
  writer.key("lane").string(finished.lane).end_object();
}

Result<call::Finished> read_finished(const json::View& view) {
  auto outcome = read_outcome(view);
  if (!view.find("args") || !outcome || text_of(view, "name").empty()) {
    return failure(ErrorCode::bad_input,
                   "this is no finished call: " + std::string(view.raw().substr(0, 100)));
  }
  return call::Finished{.call = read_call_members(view),
                        .outcome = *std::move(outcome),
                        .started = time_of(view.find("started_ms")),
                        .ended = time_of(view.find("ended_ms")),
                        .lane = text_of(view, "lane")};
}

std::string write_turn(const call::Reply& reply) {
  json::Writer writer;
  writer.begin_array();
  for (const call::Finished& finished : reply.calls) write_finished(writer, finished);
  writer.end_array();
  return writer.take();
}

}  // namespace atonce::protocol
