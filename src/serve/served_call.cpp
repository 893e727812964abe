#include "serve/served_call.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace atonce::serve {
namespace {

using json::Kind;
using json::View;
using protocol::mcp::write_notification;

constexpr std::array<std::string_view, 8> kLevels{"debug", "info",     "notice", "warning",
                                                  "error", "critical", "alert",  "emergency"};

std::string token_of(const Asked& asked) {
  const auto token = asked.message->meta("progressToken");
  const bool is_one = token && (token->is(Kind::string) || token->is(Kind::number));
  return is_one ? std::string(token->raw()) : "";
}

// A modern client hears nothing unless its request says from which level on.
std::optional<std::size_t> least_level_of(const Asked& asked) {
  if (asked.session) return place_of_level(asked.session->log_level());
  const auto level = asked.message->meta("io.modelcontextprotocol/logLevel");
  return level ? place_of_level(level->as_string().value_or("")) : std::nullopt;
}

// Whether the client declares that it can be asked that; `{}` of elicitation means forms.
bool can_be_asked(const View& capabilities, std::string_view method, const View& params) {
  const auto declared = capabilities.find(capability_for(method));
  if (!declared || !declared->is(Kind::object)) return false;
  const auto mode = params.find("mode");
  const bool is_url = mode && mode->as_string() == "url";
  return !is_url || declared->find("url").has_value();
}

}  // namespace

std::string_view capability_for(std::string_view method) {
  if (method == "elicitation/create") return "elicitation";
  if (method == "sampling/createMessage") return "sampling";
  return "roots";
}

std::optional<std::size_t> place_of_level(std::string_view level) {
  const auto* const found = std::ranges::find(kLevels, level);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kLevels.begin());
}

bool is_answer(std::string_view method, const View& params, const View& answer) {
  if (!answer.is(Kind::object)) return false;
  if (method == "sampling/createMessage") {
    return answer.find("role") && answer.find("content") && answer.find("model");
  }
  if (method == "roots/list") {
    const auto roots = answer.find("roots");
    return roots && roots->is(Kind::array);
  }
  const auto action = answer.find("action");
  const std::string_view said = action ? action->as_string().value_or("") : "";
  if (said == "decline" || said == "cancel") return true;
  if (said != "accept") return false;
  const auto schema = params.find("requestedSchema");
  const auto required = schema ? schema->find("required") : std::nullopt;
  const auto content = answer.find("content");
  if (!required) return true;
  return std::ranges::all_of(required->items(), [&content](const View& name) {
    const auto value = content ? content->find(name.as_string().value_or("")) : std::nullopt;
    return value && !value->is(Kind::null);
  });
}

ServedCall::ServedCall(Asked asked, std::shared_ptr<Peer> peer,
                       std::map<std::string, std::string> known, Subscribers& subscribers)
    : asked_(std::move(asked)),
      peer_(std::move(peer)),
      progress_token_(token_of(asked_)),
      least_level_(least_level_of(asked_)),
      known_(std::move(known)),
      subscribers_(subscribers) {}

// What does not grow, or is no number, is not told: the wire forbids it.
void ServedCall::on_progress(double done, std::optional<double> total, std::string_view message) {
  if (progress_token_.empty() || is_over_ || !std::isfinite(done)) return;
  json::Writer writer;
  writer.begin_object().key("progressToken").raw(progress_token_);
  writer.key("progress").number(done);
  if (total && std::isfinite(*total)) writer.key("total").number(*total);
  const bool has_message = asked_.revision >= protocol::mcp::Revision::v2025_03_26;
  if (!message.empty() && has_message) writer.key("message").string(message);
  writer.end_object();
  const std::lock_guard lock(mutex_);  // also so that they go out in their order
  if (has_progress_ && done <= progress_) return;
  has_progress_ = true;
  progress_ = done;
  peer_->send(write_notification("notifications/progress", writer.take()));
}

void ServedCall::on_log(std::string_view level, std::string_view logger, std::string_view data) {
  const auto place = place_of_level(level);
  if (!least_level_ || !place || *place < *least_level_ || is_over_) return;
  json::Writer writer;
  writer.begin_object().key("level").string(level);
  if (!logger.empty()) writer.key("logger").string(logger);
  writer.key("data").raw(data).end_object();
  peer_->send(write_notification("notifications/message", writer.take()));
}

std::string ServedCall::client() {
  if (asked_.session) return asked_.session->opened.client;
  return write_client(asked_.message->meta("io.modelcontextprotocol/clientInfo"),
                      asked_.capabilities());
}

engine::CallListener::Answer ServedCall::ask(std::string_view requests, Time deadline) {
  const auto document = json::Document::parse(requests);
  if (!document) return {.kind = Answer::Kind::refused, .text = document.error().message};
  return asked_.is_modern() ? ask_by_answer(document->root())
                            : ask_by_question(document->root(), deadline);
}

// What the client has not declared is left out where there is something else to ask for, and is
// then as good as declined.
engine::CallListener::Answer ServedCall::ask_by_answer(const View& requests) {
  const auto capabilities = json::Document::parse(asked_.capabilities());
  Needed needed;
  json::Writer answers;
  answers.begin_object();
  std::size_t askable = 0;
  for (const json::Member& request : requests.members()) {
    const auto method = request.value.find("method");
    const auto given = request.value.find("params");
    const std::string_view name = method ? method->as_string().value_or("") : "";
    const View& params = given ? *given : request.value;
    if (!capabilities || !can_be_asked(capabilities->root(), name, params)) {
      needed.capabilities.insert(std::string(capability_for(name)));
      answers.key(request.key).begin_object().key("action").string("decline").end_object();
      continue;
    }
    ++askable;
    const auto known = known_.find(std::string(request.key));
    const auto answer =
        known == known_.end() ? std::nullopt : std::optional(json::Document::parse(known->second));
    if (answer && *answer && is_answer(name, params, (*answer)->root())) {
      answers.key(request.key).raw(known->second);
    } else {
      needed.requests[std::string(request.key)] = request.value.raw();
    }
  }
  answers.end_object();
  if (askable > 0 && needed.requests.empty()) {
    return {.kind = Answer::Kind::answered, .text = answers.take()};
  }
  if (!needed.requests.empty()) needed.capabilities.clear();
  const std::lock_guard lock(mutex_);
  needed_ = std::move(needed);
  return {.kind = Answer::Kind::unwind};
}

engine::CallListener::Answer ServedCall::ask_by_question(const View& requests, Time deadline) {
  const auto refused = [](std::string why) {
    return Answer{.kind = Answer::Kind::refused, .text = std::move(why)};
  };
  const auto capabilities = json::Document::parse(asked_.capabilities());
  if (!asked_.session || !capabilities) return refused("this client cannot be asked");
  json::Writer answers;
  answers.begin_object();
  for (const json::Member& request : requests.members()) {
    const auto method = request.value.find("method");
    const auto params = request.value.find("params");
    const std::string_view name = method ? method->as_string().value_or("") : "";
    if (!can_be_asked(capabilities->root(), name, params ? *params : request.value)) {
      return refused("the client does not offer " + std::string(capability_for(name)));
    }
    const auto answer = asked_.session->ask(name, params ? params->raw() : "{}", *peer_, deadline,
                                            [this] { return is_over_.load(); });
    if (!answer) return refused("the client gave no answer");
    const auto read = json::Document::parse(*answer);
    if (!read || read->root().find("error")) return refused("the client refused: " + *answer);
    answers.key(request.key).raw(*answer);
  }
  answers.end_object();
  return {.kind = Answer::Kind::answered, .text = answers.take()};
}

void ServedCall::end() {
  is_over_ = true;
  if (asked_.session) asked_.session->end_wait();
}

std::optional<Needed> ServedCall::needed() const {
  const std::lock_guard lock(mutex_);
  return needed_;
}

std::map<std::string, std::string> ServedCall::known() const { return known_; }

}  // namespace atonce::serve
