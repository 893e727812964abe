#include "model/http_caller.h"

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

// What a server says of its own state passes; what it says of the request or the account does not,
// whatever the status.
bool may_help(int status, const Error& error) {
  return may_pass(status) &&
         (error.code == ErrorCode::unavailable || error.code == ErrorCode::timed_out);
}

}  // namespace

template <typename T>
struct HttpCaller::Attempt {
  Called<T> answer;
  bool may_retry = false;
  std::optional<std::chrono::milliseconds> asked_delay = std::nullopt;

  static Attempt failed(const Error& error, bool may_retry) {
    return {.answer = std::unexpected(CallFailure{error}), .may_retry = may_retry};
  }
};

HttpCaller::HttpCaller(HttpModelOptions options, ErrorFunctions errors)
    : options_(std::move(options)),
      errors_(std::move(errors)),
      client_({.proxies = options_.proxies, .user_agent = options_.user_agent}),
      wait_(options_.clock != nullptr ? *options_.clock : steady_clock_),
      random_(std::random_device{}()) {}

http::Request HttpCaller::make_request(std::string url, std::string body, bool streams) const {
  http::Request request{.method = body.empty() ? "GET" : "POST",
                        .url = std::move(url),
                        .headers = options_.headers,
                        .body = std::move(body),
                        .timeout = options_.timeout};
  if (!request.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  request.headers.push_back({"Accept", streams ? "text/event-stream" : "application/json"});
  return request;
}

Called<std::string> HttpCaller::send(const http::Request& request) {
  return repeat<std::string>([&] { return try_once(request); });
}

Called<ModelTurn> HttpCaller::stream(const http::Request& request, const MakeReader& make_reader,
                                     StreamListener& listener) {
  return repeat<ModelTurn>([&] { return stream_once(request, make_reader, listener); });
}

template <typename T>
Called<T> HttpCaller::repeat(const std::function<Attempt<T>()>& attempt) {
  for (unsigned number = 1;; ++number) {
    Attempt<T> tried = attempt();
    if (tried.answer) return std::move(tried.answer);
    CallFailure& failed = tried.answer.error();
    failed.error = presentable(std::move(failed.error));
    const auto delay = tried.may_retry
                           ? delay_after(number, tried.asked_delay, random(), options_.retry)
                           : std::nullopt;
    if (!delay) return std::move(tried.answer);
    if (options_.on_retry) options_.on_retry(failed.error, *delay);
    if (!wait_.wait(*delay)) {
      return std::unexpected(CallFailure{{ErrorCode::cancelled, "the request was cancelled"}});
    }
  }
}

HttpCaller::Attempt<std::string> HttpCaller::try_once(const http::Request& request) {
  auto response = client_.send(request);
  if (!response) {
    return Attempt<std::string>::failed(response.error(),
                                        response.error().code == ErrorCode::unavailable);
  }
  if (response->status / 100 != 2) return refused<std::string>(*std::move(response));
  return {.answer = std::move(response->body)};
}

HttpCaller::Attempt<ModelTurn> HttpCaller::stream_once(const http::Request& request,
                                                       const MakeReader& make_reader,
                                                       StreamListener& listener) {
  Witness witness(listener);
  const auto reader = make_reader(witness);
  Result<void> read;
  auto response = client_.send(request, [&](std::string_view bytes) {
    read = reader->feed(bytes);
    return read.has_value();
  });
  if (!read || !response) {
    const Error& error = read ? response.error() : read.error();
    return Attempt<ModelTurn>::failed(
        error, error.code == ErrorCode::unavailable && !witness.has_spoken());
  }
  if (response->status / 100 != 2) return refused<ModelTurn>(*std::move(response));
  auto turn = reader->finish();
  if (!turn) return Attempt<ModelTurn>::failed(turn.error(), false);
  return {.answer = *std::move(turn)};
}

template <typename T>
HttpCaller::Attempt<T> HttpCaller::refused(http::Response response) const {
  auto delay = errors_.read_retry_delay ? errors_.read_retry_delay(response.body) : std::nullopt;
  if (const auto header = response.find("Retry-After"); header && !delay) {
    delay = parse_retry_after(*header);
  }
  Error error = errors_.read_error(response.status, response.body);
  const bool may_retry = may_help(response.status, error);
  return {.answer = std::unexpected(
              CallFailure{std::move(error), response.status, std::move(response.body)}),
          .may_retry = may_retry,
          .asked_delay = delay};
}

// Servers sometimes name the key that they refuse.
Error HttpCaller::presentable(Error error) const {
  if (errors_.explain) errors_.explain(error);
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

void HttpCaller::cancel() {
  client_.cancel();
  wait_.cancel();
}

void HttpCaller::uncancel() {
  client_.uncancel();
  wait_.uncancel();
}

double HttpCaller::random() {
  return options_.random ? options_.random() : std::uniform_real_distribution<double>()(random_);
}

}  // namespace atonce::model
