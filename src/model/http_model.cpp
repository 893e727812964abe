#include "model/http_model.h"

#include <random>
#include <utility>

namespace atonce::model {
namespace {

using protocol::ModelTurn;
using protocol::StreamListener;

// Passes on what a stream says, and remembers that it said something.
class Witness final : public StreamListener {
 public:
  explicit Witness(StreamListener& listener) : listener_(listener) {}
  void on_text(std::string_view piece) override {
    has_spoken_ = true;
    listener_.on_text(piece);
  }
  void on_call(const call::Call& call) override {
    has_spoken_ = true;
    listener_.on_call(call);
  }
  [[nodiscard]] bool has_spoken() const { return has_spoken_; }

 private:
  StreamListener& listener_;
  bool has_spoken_ = false;
};

class HttpModel final : public Model {
 public:
  HttpModel(HttpModelOptions options, WireFunctions wire)
      : options_(std::move(options)),
        wire_(std::move(wire)),
        client_({.proxies = options_.proxies, .user_agent = options_.user_agent}),
        wait_(options_.clock != nullptr ? *options_.clock : steady_clock_),
        random_(std::random_device{}()) {}

  [[nodiscard]] std::string_view name() const override { return options_.specification; }

  [[nodiscard]] Result<ModelTurn> answer(const protocol::ModelRequest& request,
                                         StreamListener* listener) override {
    const bool streams = listener != nullptr && wire_.make_reader;
    const http::Request asked = make_request(request, streams);
    for (unsigned attempt = 1;; ++attempt) {
      Attempt tried = streams ? stream_once(asked, *listener) : try_once(asked);
      if (tried.turn) return *std::move(tried.turn);
      Error error = without_secret(tried.turn.error());
      const auto delay = tried.may_retry
                             ? delay_after(attempt, tried.asked_delay, random(), options_.retry)
                             : std::nullopt;
      if (!delay) return std::unexpected(std::move(error));
      if (options_.on_retry) options_.on_retry(error, *delay);
      if (!wait_.wait(*delay)) return failure(ErrorCode::cancelled, "the request was cancelled");
    }
  }

  void cancel() override {
    client_.cancel();
    wait_.cancel();
  }

  void uncancel() override {
    client_.uncancel();
    wait_.uncancel();
  }

 private:
  struct Attempt {
    Result<ModelTurn> turn;
    bool may_retry = false;
    std::optional<std::chrono::milliseconds> asked_delay = std::nullopt;
  };

  [[nodiscard]] http::Request make_request(const protocol::ModelRequest& request,
                                           bool streams) const {
    http::Request asked{.method = "POST",
                        .url = wire_.write_url(streams),
                        .headers = options_.headers,
                        .body = wire_.write_request(request, streams),
                        .timeout = options_.timeout};
    asked.headers.push_back({"Content-Type", "application/json"});
    asked.headers.push_back({"Accept", streams ? "text/event-stream" : "application/json"});
    return asked;
  }

  [[nodiscard]] Attempt try_once(const http::Request& asked) {
    auto response = client_.send(asked);
    if (!response) return failed_to_ask(response.error());
    if (response->status / 100 == 2) return {.turn = wire_.read_response(response->body)};
    return refused(*response);
  }

  [[nodiscard]] Attempt stream_once(const http::Request& asked, StreamListener& listener) {
    Witness witness(listener);
    const auto reader = wire_.make_reader(witness);
    Result<void> read;
    auto response = client_.send(asked, [&](std::string_view bytes) {
      if (read) read = reader->feed(bytes);
    });
    if (read && !response) {
      Attempt attempt = failed_to_ask(response.error());
      attempt.may_retry = attempt.may_retry && !witness.has_spoken();
      return attempt;
    }
    if (!read) return {.turn = std::unexpected(read.error())};
    if (response->status / 100 != 2) return refused(*response);
    return {.turn = reader->finish()};
  }

  [[nodiscard]] static Attempt failed_to_ask(const Error& error) {
    return {.turn = std::unexpected(error), .may_retry = error.code == ErrorCode::unavailable};
  }

  [[nodiscard]] Attempt refused(const http::Response& response) const {
    auto delay = wire_.read_retry_delay ? wire_.read_retry_delay(response.body) : std::nullopt;
    if (const auto header = response.find("Retry-After"); header && !delay) {
      delay = parse_retry_after(*header);
    }
    return {.turn = std::unexpected(wire_.read_error(response.status, response.body)),
            .may_retry = may_pass(response.status),
            .asked_delay = delay};
  }

  // Servers sometimes name the key that they refuse.
  [[nodiscard]] Error without_secret(Error error) const {
    if (options_.secret.empty()) return error;
    constexpr std::string_view kInstead = "(the key)";
    for (std::string* text : {&error.message, &error.hint}) {
      for (std::size_t at = text->find(options_.secret); at != std::string::npos;
           at = text->find(options_.secret, at + kInstead.size())) {
        text->replace(at, options_.secret.size(), kInstead);
      }
    }
    return error;
  }

  [[nodiscard]] double random() {
    return options_.random ? options_.random() : std::uniform_real_distribution<double>()(random_);
  }

  const HttpModelOptions options_;
  const WireFunctions wire_;
  SteadyClock steady_clock_;
  http::Client client_;
  CancellableWait wait_;
  std::mt19937 random_;
};

}  // namespace

std::unique_ptr<Model> make_http_model(HttpModelOptions options, WireFunctions wire) {
  return std::make_unique<HttpModel>(std::move(options), std::move(wire));
}

}  // namespace atonce::model
