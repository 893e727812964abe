#include "serve/mcp_http.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "base/text.h"
#include "protocol/mcp_http.h"

namespace atonce::serve {
namespace {

using protocol::mcp::Batch;
using protocol::mcp::Era;
using protocol::mcp::HttpFacts;
using protocol::mcp::Message;
using protocol::mcp::Revision;
using protocol::mcp::RpcError;

constexpr std::string_view kJson = "Content-Type: application/json\r\n";
constexpr std::string_view kStream =
    "Content-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\n"
    "X-Accel-Buffering: no\r\n";

char folded(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, folded, folded);
}

bool is_json(std::string_view content_type) {
  return is_same_word(trimmed(content_type.substr(0, content_type.find(';'))), "application/json");
}

// Whether an Accept header admits a type; a missing one admits all.
bool admits(const http::Incoming& request, std::string_view type) {
  if (request.count("accept") == 0) return true;
  const std::string_view family = type.substr(0, type.find('/'));
  for (const auto& field : request.headers()) {
    if (!is_same_word(field.name, "accept")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view range = rest.substr(0, comma);
      const std::string_view name = trimmed(range.substr(0, range.find(';')));
      if (name == "*/*" || is_same_word(name, type)) return true;
      if (name.ends_with("/*") && is_same_word(name.substr(0, name.size() - 2), family))
        return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

void refuse(http::Exchange& exchange, int status, const RpcError& error, std::string_view id = {},
            std::string_view fields = {}) {
  exchange.answer(status, std::string(kJson).append(fields), protocol::mcp::write_error(id, error));
}

RpcError invalid_request(std::string why) {
  return {protocol::mcp::kInvalidRequest, std::move(why)};
}

HttpFacts facts_of(const http::Incoming& request) {
  return {.version = request.find("mcp-protocol-version"),
          .method = request.find("mcp-method"),
          .name = request.find("mcp-name"),
          .is_repeated = request.count("mcp-protocol-version") > 1 ||
                         request.count("mcp-method") > 1 || request.count("mcp-name") > 1};
}

std::string event_of(std::string_view message) {
  std::string event = "event: message\ndata: ";
  return event.append(message).append("\n\n");
}

// The messages of one request: an answer alone is JSON; anything before it makes it a stream.
class HttpPeer final : public Peer, public Beating, public std::enable_shared_from_this<HttpPeer> {
 public:
  HttpPeer(std::shared_ptr<http::Exchange> exchange, Pulse& pulse)
      : exchange_(std::move(exchange)), pulse_(pulse) {}

  // Beaten while the answer is waited for.
  void watch() {
    {
      const std::lock_guard lock(mutex_);
      if (is_finished_) return;
    }
    const Pulse::Place place = pulse_.add(shared_from_this());
    const std::lock_guard lock(mutex_);
    if (is_finished_) {
      pulse_.remove(place);
    } else {
      place_ = place;
    }
  }

  bool send(std::string_view message) override { return write(event_of(message)); }

  void finish(std::string message, int status) override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_finished_, true)) return;
    if (place_) pulse_.remove(*place_);
    if (has_begun_) {
      exchange_->write(event_of(message));
      exchange_->end();
      return;
    }
    const std::string_view later = status == 503 ? "Retry-After: 1\r\n" : "";
    later.empty() ? exchange_->answer(status, kJson, std::move(message))
                  : exchange_->answer(status, std::string(kJson).append(later), std::move(message));
  }

  void on_gone(std::move_only_function<void()> gone) override {
    exchange_->on_gone(std::move(gone));
  }

  void beat() override { write(": still here\n\n"); }

 private:
  bool write(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (is_finished_) return false;
    if (!std::exchange(has_begun_, true)) exchange_->begin(200, kStream);
    return exchange_->write(text);
  }

  const std::shared_ptr<http::Exchange> exchange_;
  Pulse& pulse_;
  std::mutex mutex_;
  // Guarded by mutex_.
  bool has_begun_ = false;
  bool is_finished_ = false;
  std::optional<Pulse::Place> place_;
};

// The answers of a batch, as one array; what is said before them has no place to go.
class BatchAnswers final {
 public:
  BatchAnswers(std::shared_ptr<http::Exchange> exchange, std::size_t missing)
      : exchange_(std::move(exchange)), missing_(missing) {}

  void add(std::string_view message) {
    const std::lock_guard lock(mutex_);
    text_.append(text_.empty() ? "[" : ",").append(message);
    if (--missing_ == 0) exchange_->answer(200, kJson, text_ + "]");
  }

 private:
  const std::shared_ptr<http::Exchange> exchange_;
  std::mutex mutex_;
  std::string text_;
  std::size_t missing_;
};

class BatchPeer final : public Peer {
 public:
  explicit BatchPeer(std::shared_ptr<BatchAnswers> answers) : answers_(std::move(answers)) {}
  bool send(std::string_view) override { return false; }
  void finish(std::string message, int) override { answers_->add(message); }
  void on_gone(std::move_only_function<void()>) override {}

 private:
  const std::shared_ptr<BatchAnswers> answers_;
};

// A session's own stream, opened by a GET.
class GetStream final : public Stream,
                        public Beating,
                        public std::enable_shared_from_this<GetStream> {
 public:
  GetStream(std::shared_ptr<http::Exchange> exchange, Pulse& pulse)
      : exchange_(std::move(exchange)), pulse_(pulse) {}

  // Begins it; it drops itself from the session when the client leaves.
  void begin(const std::shared_ptr<Session>& session) {
    exchange_->begin(200, kStream);
    const Pulse::Place place = pulse_.add(shared_from_this());
    exchange_->on_gone([this, place, session, self = shared_from_this()] {
      pulse_.remove(place);
      session->drop_stream(this);
    });
  }

  bool send(std::string_view message) override { return exchange_->write(event_of(message)); }
  void close() override { exchange_->end(); }
  void beat() override { exchange_->write(": still here\n\n"); }

 private:
  const std::shared_ptr<http::Exchange> exchange_;
  Pulse& pulse_;
};

}  // namespace

struct McpHttp::Incoming {
  const std::shared_ptr<http::Exchange>& exchange;
  const std::string& caller;
  const HttpFacts& facts;
  std::shared_ptr<const Batch> batch;

  [[nodiscard]] const Message& first() const { return batch->messages.front(); }
  [[nodiscard]] Asked asked(const Message& message, Revision revision,
                            std::shared_ptr<Session> session = nullptr) const {
    return {.batch = batch,
            .message = &message,
            .revision = revision,
            .session = std::move(session),
            .caller = caller};
  }
};

void McpHttp::handle(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  const http::Incoming& request = exchange->request();
  if (request.method() == "POST") return post(exchange, caller);
  const auto version =
      protocol::mcp::revision_of(trimmed(request.find("mcp-protocol-version").value_or("")));
  const bool is_legacy = !version || !protocol::mcp::is_modern(*version);
  if (is_legacy && request.method() == "GET") return get(exchange, caller);
  if (is_legacy && request.method() == "DELETE") return remove(exchange, caller);
  exchange->answer(405, "Allow: POST\r\n", "");
}

void McpHttp::post(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  const http::Incoming& request = exchange->request();
  if (!is_json(request.find("content-type").value_or(""))) {
    return refuse(*exchange, 415, invalid_request("the Content-Type must be application/json"));
  }
  if (!admits(request, "application/json") || !admits(request, "text/event-stream")) {
    return refuse(*exchange, 406,
                  invalid_request("Accept must admit application/json and text/event-stream"));
  }
  auto batch = protocol::mcp::read_batch(request.body());
  if (!batch) return refuse(*exchange, 400, batch.error());
  const HttpFacts facts = facts_of(request);
  const Incoming incoming{exchange, caller, facts,
                          std::make_shared<const Batch>(*std::move(batch))};
  const auto era = protocol::mcp::era_of(facts, incoming.first());
  if (!era) return refuse(*exchange, 400, era.error(), incoming.first().id());
  *era == Era::modern ? post_modern(incoming) : post_legacy(incoming);
}

void McpHttp::post_modern(const Incoming& incoming) {
  const Message& message = incoming.first();
  if (incoming.batch->is_array || message.kind() == Message::Kind::response) {
    return refuse(*incoming.exchange, 400,
                  invalid_request("one request or notification is sent at a time"));
  }
  if (const auto wrong = protocol::mcp::check_modern(incoming.facts, message, true)) {
    return refuse(*incoming.exchange, protocol::mcp::status_of(wrong->code), *wrong, message.id());
  }
  if (message.kind() == Message::Kind::notification) {
    return incoming.exchange->answer(202, "", "");
  }
  const auto peer = std::make_shared<HttpPeer>(incoming.exchange, pulse_);
  const FindHeaders find = [&incoming](std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto& field : incoming.exchange->request().headers()) {
      if (is_same_word(field.name, name)) values.push_back(field.value);
    }
    return values;
  };
  service_.handle(incoming.asked(message, Revision::v2026_07_28), peer, &find);
  peer->watch();
}

void McpHttp::post_legacy(const Incoming& incoming) {
  if (incoming.first().method() == "initialize" &&
      incoming.first().kind() == Message::Kind::request) {
    return open_session(incoming);
  }
  const auto session = find_session(*incoming.exchange, incoming.caller);
  if (!session) return;
  const Revision revision = session->opened.revision;
  if (incoming.batch->is_array && revision != Revision::v2025_03_26) {
    return refuse(*incoming.exchange, 400, invalid_request("this revision has no batches"));
  }
  std::vector<const Message*> requests;
  for (const Message& message : incoming.batch->messages) {
    if (message.kind() == Message::Kind::request) {
      requests.push_back(&message);
    } else {
      service_.take(incoming.asked(message, revision, session));
    }
  }
  if (requests.empty()) return incoming.exchange->answer(202, "", "");
  if (!incoming.batch->is_array) {
    const auto peer = std::make_shared<HttpPeer>(incoming.exchange, pulse_);
    service_.handle(incoming.asked(*requests.front(), revision, session), peer, nullptr);
    return peer->watch();
  }
  const auto answers = std::make_shared<BatchAnswers>(incoming.exchange, requests.size());
  for (const Message* const request : requests) {
    service_.handle(incoming.asked(*request, revision, session),
                    std::make_shared<BatchPeer>(answers), nullptr);
  }
}

void McpHttp::open_session(const Incoming& incoming) {
  const Message& message = incoming.first();
  if (incoming.batch->is_array) {
    return refuse(*incoming.exchange, 400, invalid_request("`initialize` comes alone"),
                  message.id());
  }
  const auto session = sessions_.open(opened_by(message, incoming.caller));
  if (!session) {
    return refuse(*incoming.exchange, 503, {protocol::mcp::kInternalError, "too many sessions"},
                  message.id(), "Retry-After: 60\r\n");
  }
  incoming.exchange->answer(
      200, std::string(kJson) + "Mcp-Session-Id: " + session->id + "\r\n",
      protocol::mcp::write_response(message.id(),
                                    service_.initialize_result(session->opened.revision)));
}

std::shared_ptr<Session> McpHttp::find_session(http::Exchange& exchange,
                                               const std::string& caller) {
  const auto id = exchange.request().find("mcp-session-id");
  if (!id) {
    refuse(exchange, 400,
           invalid_request("the header Mcp-Session-Id is missing; `initialize` gives it out"));
    return nullptr;
  }
  auto session = sessions_.find(std::string(*id), caller);
  if (!session) {
    refuse(exchange, 404, invalid_request("there is no such session; begin with `initialize`"));
  }
  return session;
}

void McpHttp::get(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  if (!admits(exchange->request(), "text/event-stream")) {
    return refuse(*exchange, 406, invalid_request("Accept must admit text/event-stream"));
  }
  const auto session = find_session(*exchange, caller);
  if (!session) return;
  const auto stream = std::make_shared<GetStream>(exchange, pulse_);
  if (!session->open_stream(stream)) {
    return refuse(*exchange, 409, invalid_request("the session has a stream already"));
  }
  stream->begin(session);
}

void McpHttp::remove(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  const auto session = find_session(*exchange, caller);
  if (!session) return;
  sessions_.close(session->id);
  exchange->answer(204, "", "");
}

}  // namespace atonce::serve
