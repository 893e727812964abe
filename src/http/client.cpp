#include "http/client.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "http/connection.h"
#include "http/request_writer.h"
#include "http/response_reader.h"
#include "http/url.h"

namespace atonce::http {
namespace {

namespace asio = boost::asio;

std::string to_text(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return std::to_string(time.count() / 1000) + " s";
  return std::to_string(time.count()) + " ms";
}

Error cancelled_error() { return {ErrorCode::cancelled, "the request was cancelled"}; }

}  // namespace

std::optional<std::string_view> Response::find(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_without_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

// The io_context runs only inside send(), on the caller's thread, until the exchange is over.
class Client::Impl {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)) {}

  Result<Response> send(const Request& request, const OnChunk& on_chunk) {
    if (is_cancelled_) return std::unexpected(cancelled_error());
    const auto url = parse_url(request.url);
    if (!url) return std::unexpected(url.error());
    if (!url->userinfo.empty()) {
      return failure(ErrorCode::bad_input, "the URL of a request has a user name in it",
                     "send an Authorization header instead");
    }
    const auto proxy = choose_proxy(options_.proxies, *url);
    if (!proxy) return std::unexpected(proxy.error());

    Exchange exchange{.request = request,
                      .on_chunk = on_chunk ? &on_chunk : nullptr,
                      .url = *url,
                      .proxy = *proxy};
    const bool is_forwarded = exchange.proxy && !url->is_https;
    auto head =
        write_head(request, *url, is_forwarded ? &*exchange.proxy : nullptr, options_.user_agent);
    if (!head) return std::unexpected(head.error());
    exchange.head = *std::move(head);
    return run(exchange);
  }

  void cancel() {
    is_cancelled_ = true;
    asio::post(io_, [this] { end(Ending::cancelled); });
  }

  void uncancel() {
    io_.restart();
    io_.poll();  // a cancellation that came after the last exchange must not end the next
    connection_.reset();
    is_cancelled_ = false;
  }

 private:
  enum class Ending { none, connect_timeout, timeout, cancelled };

  struct Exchange {
    const Request& request;
    const OnChunk* on_chunk;
    Url url;
    std::optional<Url> proxy;
    std::string head = {};
  };

  Result<Response> run(const Exchange& exchange) {
    ending_ = Ending::none;
    Result<Response> result = failure(ErrorCode::internal, "the exchange did not end");
    io_.restart();
    asio::co_spawn(io_, perform(exchange),
                   [&](const std::exception_ptr& thrown, Result<Response> done) {
                     deadline_.cancel();
                     result = thrown ? unexpected_exception(thrown) : std::move(done);
                   });
    io_.run();
    if (!result && ending_ != Ending::none) {
      connection_.reset();
      return std::unexpected(ending_error(exchange));
    }
    return result;
  }

  asio::awaitable<Result<Response>> perform(const Exchange& exchange) {
    const std::string way =
        exchange.url.origin() + (exchange.proxy ? " by " + exchange.proxy->origin() : "");
    bool is_fresh = !connection_ || connection_->used_for() != way;
    for (;;) {
      if (ending_ != Ending::none) co_return std::unexpected(cancelled_error());
      if (is_fresh) {
        limit(options_.connect_timeout, Ending::connect_timeout);
        const Result<void> open = co_await open_connection(exchange, way);
        if (!open) co_return std::unexpected(open.error());
      }
      limit(exchange.request.timeout, Ending::timeout);
      connection_->start_counting();
      Result<Answer> answer = co_await ask(exchange);
      if (answer) {
        if (!answer->may_reuse) connection_.reset();
        co_return std::move(answer->response);
      }
      const bool nothing_came = connection_->received_bytes() == 0;
      connection_.reset();
      // A kept connection that its server had closed in the meantime.
      if (is_fresh || !nothing_came) co_return std::unexpected(answer.error());
      is_fresh = true;
    }
  }

  asio::awaitable<Result<void>> open_connection(const Exchange& exchange, std::string way) {
    connection_ = std::make_unique<Connection>(io_, std::move(way));
    const Url& url = exchange.url;
    Result<void> done = co_await connection_->connect(exchange.proxy ? *exchange.proxy : url);
    if (done && exchange.proxy && url.is_https) done = co_await open_tunnel(exchange);
    if (done && url.is_https) {
      if (!tls_) tls_.emplace(make_tls_context());
      done = co_await connection_->start_tls(*tls_, url.host);
    }
    if (!done) connection_.reset();
    co_return done;
  }

  asio::awaitable<Result<void>> open_tunnel(const Exchange& exchange) {
    const std::string peer = "the proxy " + exchange.proxy->authority();
    const std::string head = write_connect(exchange.url, *exchange.proxy, options_.user_agent);
    co_await connection_->write(head);  // a failure shows when the answer is read
    const Result<Answer> answer =
        co_await read_answer(*connection_,
                             {.max_body_bytes = options_.max_body_bytes,
                              .max_header_bytes = options_.max_header_bytes,
                              .has_no_body = true},
                             peer);
    if (!answer) co_return std::unexpected(answer.error());
    const int status = answer->response.status;
    if (status / 100 == 2) co_return Result<void>{};
    co_return failure(ErrorCode::unavailable,
                      peer + " refused a connection to " + exchange.url.host_and_port() +
                          " with status " + std::to_string(status),
                      "check HTTPS_PROXY, or name the host in NO_PROXY");
  }

  asio::awaitable<Result<Answer>> ask(const Exchange& exchange) {
    const std::string peer = exchange.url.authority();
    Connection::Transfer sent = co_await connection_->write(exchange.head);
    if (!sent.error && !exchange.request.body.empty()) {
      sent = co_await connection_->write(exchange.request.body);
    }
    // Read even after a failed write: a server may refuse a request before it has taken all of it.
    co_return co_await read_answer(*connection_,
                                   {.max_body_bytes = options_.max_body_bytes,
                                    .max_header_bytes = options_.max_header_bytes,
                                    .has_no_body = exchange.request.method == "HEAD",
                                    .on_chunk = exchange.on_chunk},
                                   peer);
  }

  // From now on the exchange ends with `ending` after `time`, unless a new limit replaces this one.
  void limit(std::chrono::milliseconds time, Ending ending) {
    deadline_.expires_after(time);
    deadline_.async_wait([this, ending, at = deadline_.expiry()](boost::system::error_code error) {
      if (!error && at == deadline_.expiry()) end(ending);
    });
  }

  void end(Ending ending) {
    if (ending_ != Ending::none) return;
    ending_ = ending;
    if (connection_) connection_->abort();
  }

  Error ending_error(const Exchange& exchange) const {
    const Url& peer = exchange.proxy ? *exchange.proxy : exchange.url;
    switch (ending_) {
      case Ending::connect_timeout:
        return {ErrorCode::unavailable,
                "no connection to " + peer.host_and_port() + " within " +
                    to_text(options_.connect_timeout),
                "check the address and the network connection"};
      case Ending::timeout:
        return {ErrorCode::timed_out, exchange.url.authority() + " gave no whole answer within " +
                                          to_text(exchange.request.timeout)};
      case Ending::none:
      case Ending::cancelled: break;
    }
    return cancelled_error();
  }

  // Memory, or a bug of ours; the connection's state is not known any more.
  Result<Response> unexpected_exception(const std::exception_ptr& thrown) {
    connection_.reset();
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      return failure(ErrorCode::internal, std::string("the request failed: ") + exception.what());
    } catch (...) {
      return failure(ErrorCode::internal, "the request failed");
    }
  }

  const ClientOptions options_;
  std::atomic<bool> is_cancelled_ = false;
  asio::io_context io_{1};
  asio::steady_timer deadline_{io_};
  // The thread in send() only.
  std::optional<asio::ssl::context> tls_;  // made when first needed
  std::unique_ptr<Connection> connection_;
  Ending ending_ = Ending::none;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Client::~Client() = default;

Result<Response> Client::send(const Request& request, const OnChunk& on_chunk) {
  try {
    return impl_->send(request, on_chunk);
  } catch (const std::exception& exception) {
    return failure(ErrorCode::internal, std::string("the request failed: ") + exception.what());
  }
}

void Client::cancel() { impl_->cancel(); }

void Client::uncancel() { impl_->uncancel(); }

}  // namespace atonce::http
