// Any messages of a client, one a line, in either era: every request gets exactly one answer, which
// is JSON-RPC and has its id, and everything that is said before it is JSON-RPC too.
//
// The first byte says which era (a letter: modern; a digit: that legacy revision), the rest of its
// line is the header Mcp-Param-Region.

#include "mcp_service.h"

using namespace atonce;
using namespace atonce::serve;
using protocol::mcp::Message;

namespace {

void require_message(std::string_view text, std::string_view member) {
  const auto document = json::Document::parse(text);
  fuzz::require(document.has_value(), "a message is JSON");
  fuzz::require(!text.contains('\n'), "a message is one line");
  const auto version = document->root().find("jsonrpc");
  fuzz::require(version && version->as_string() == "2.0", "a message is JSON-RPC");
  fuzz::require(document->root().find(member).has_value(), "a message is of its kind");
}

// A client that hears everything, and answers no question.
class Listener final : public Peer {
 public:
  explicit Listener(std::string id) : id_(std::move(id)) {}

  bool send(std::string_view message) override {
    require_message(message, "method");
    const std::lock_guard lock(mutex_);
    return !answer_ && !json::Document::parse(message)->root().find("id");
  }

  void finish(std::string message, int status) override {
    const std::lock_guard lock(mutex_);
    fuzz::require(!answer_, "a request is answered once");
    fuzz::require(status >= 200 && status <= 599, "a status is one of HTTP");
    answer_ = std::move(message);
    answered_.notify_all();
  }

  void on_gone(std::move_only_function<void()> gone) override {
    const std::lock_guard lock(mutex_);
    gone_ = std::move(gone);
  }

  void require_answer() {
    std::unique_lock lock(mutex_);
    fuzz::require(
        answered_.wait_for(lock, std::chrono::seconds(10), [this] { return answer_.has_value(); }),
        "a request is answered");
    const auto document = json::Document::parse(*answer_);
    fuzz::require(document.has_value(), "an answer is JSON");
    const bool is_error = document->root().find("error").has_value();
    require_message(*answer_, is_error ? "error" : "result");
    const auto id = document->root().find("id");
    fuzz::require(id && id->raw() == id_, "an answer has its request's id");
  }

 private:
  const std::string id_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<std::string> answer_;
  std::move_only_function<void()> gone_;
};

call::Outcome ask(const call::Call&, engine::CallControl& control) {
  const auto hearer = control.hearer();
  if (!hearer) return call::Cancelled{};
  const auto answer =
      hearer->ask(R"({"who":{"method":"elicitation/create","params":{"mode":"form","message":"m",)"
                  R"("requestedSchema":{"type":"object","properties":{},"required":["name"]}}},)"
                  R"("where":{"method":"roots/list","params":{}}})",
                  control.deadline);
  if (answer.kind == engine::CallListener::Answer::Kind::unwind) return call::Cancelled{};
  return call::Returned{json::quoted(answer.text)};
}

call::Outcome work(const call::Call&, engine::CallControl& control) {
  const auto hearer = control.hearer();
  if (!hearer) return call::Cancelled{};
  hearer->on_progress(1, 3, "one");
  hearer->on_log("info", "", "{}");
  hearer->on_progress(0.5, std::nullopt, "");
  hearer->on_changed("tools");
  return call::Returned{json::quoted(hearer->client())};
}

call::Outcome echo(const call::Call& call, engine::CallControl&) {
  fuzz::require(json::Document::parse(call.arguments).has_value(), "arguments are JSON");
  return call::Returned{call.arguments};
}

call::Outcome list(const call::Call& call, engine::CallControl&) {
  return call::Returned{"[" + call.arguments + "]"};
}

fuzz::Offers& offers() {
  using call::Role;
  static fuzz::Offers all({
      {Role::tool, "echo", "", echo},
      {Role::tool, "ask", "", ask},
      {Role::tool, "work", "", work},
      {Role::prompt, "prompt greet", "greet", echo},
      {Role::resource, "resource test://a", "test://a", list},
      {Role::resource_template, "template test://{id}/data", "test://{id}/data", list},
      {Role::completion, "completion prompt greet name", "", list},
  });
  return all;
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  const std::string_view first = take_line(text);
  if (first.empty()) return 0;
  const bool is_modern = first[0] < '0' || first[0] > '3';
  const std::string_view region = first.substr(1);
  const FindHeaders headers = [region](std::string_view name) {
    return name == "Mcp-Param-Region" && !region.empty() ? std::vector{region}
                                                         : std::vector<std::string_view>{};
  };
  fuzz::Server server(offers());
  const auto revision = is_modern ? protocol::mcp::Revision::v2026_07_28
                                  : static_cast<protocol::mcp::Revision>(first[0] - '0');
  const auto session =
      is_modern ? nullptr
                : server.sessions.open(
                      {.revision = revision, .capabilities = R"({"roots":{},"elicitation":{}})"});
  std::vector<std::shared_ptr<Listener>> listeners;
  while (!text.empty()) {
    auto read = protocol::mcp::read_batch(take_line(text));
    if (!read) continue;
    const auto batch = std::make_shared<const protocol::mcp::Batch>(*std::move(read));
    for (const Message& message : batch->messages) {
      const Asked asked{batch, &message, revision, session, "ann"};
      if (message.kind() != Message::Kind::request) {
        server.service.take(asked);
        continue;
      }
      listeners.push_back(std::make_shared<Listener>(std::string(message.id())));
      server.service.handle(asked, listeners.back(), &headers);
    }
  }
  server.subscribers.close();
  for (const auto& each : listeners) each->require_answer();
  return 0;
}
