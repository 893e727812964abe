// Requests to one provider over HTTP: sent again as retry.h says, cancellable, and with the key
// struck out of whatever error comes of them. What the bytes mean is said by who calls.
//
// Thread safety: one thread at a time; cancel() from any thread.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "http/proxy.h"
#include "model/retry.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::model {

struct HttpModelOptions {
  std::string specification = {};          // what it was asked for by, such as "gemini/NAME"
  std::vector<http::Header> headers = {};  // the key and what the wire wants
  std::string secret = {};                 // struck out of every error's text
  std::string user_agent = "atonce";
  http::ProxySettings proxies = http::proxies_from_environment();
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // of one attempt
  RetryOptions retry = {};
  Clock* clock = nullptr;               // for the waits; must outlive the caller. Null: real time
  std::function<double()> random = {};  // in [0, 1), for the waits' jitter. Empty: random
  // Told before each wait, on the thread that waits: what failed, and how long it is waited.
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry = {};
};

// How a provider's errors are read. Pure functions.
struct ErrorFunctions {
  std::function<Error(int status, std::string_view body)> read_error = {};
  // How long the server's error asks to wait, beside a Retry-After header. May be empty.
  std::function<std::optional<std::chrono::milliseconds>(std::string_view body)> read_retry_delay =
      {};
  // Changes the hints of any error to what this provider's user can do. May be empty.
  std::function<void(Error&)> explain = {};
};

// Why there is no answer.
struct CallFailure {
  Error error;
  int status = 0;  // of the server's refusal; 0: it was not the server that said no
  std::string body = {};
};

template <typename T>
using Called = std::expected<T, CallFailure>;

class HttpCaller final {
 public:
  using MakeReader =
      std::function<std::unique_ptr<protocol::StreamReader>(protocol::StreamListener&)>;

  HttpCaller(HttpModelOptions options, ErrorFunctions errors);

  // A request with the options' headers and timeout; JSON when there is a body.
  [[nodiscard]] http::Request make_request(std::string url, std::string body, bool streams) const;

  // The body of a 2xx answer. Errors: those of http::Client and of read_error().
  [[nodiscard]] Called<std::string> send(const http::Request& request);

  // The turn that a streamed answer makes. Never sent again once a part of it has been told; not
  // read on once the reader has failed. Errors: as send(), and the reader's.
  [[nodiscard]] Called<protocol::ModelTurn> stream(const http::Request& request,
                                                   const MakeReader& make_reader,
                                                   protocol::StreamListener& listener);

  // Makes what runs end soon as `cancelled`, and all later ones at once.
  void cancel();

  // Takes cancel() back. For the thread that calls the others, not while it does.
  void uncancel();

  // The same error as a person may see it.
  [[nodiscard]] Error presentable(Error error) const;

  [[nodiscard]] const std::string& specification() const { return options_.specification; }

 private:
  template <typename T>
  struct Attempt;
  template <typename T>
  [[nodiscard]] Called<T> repeat(const std::function<Attempt<T>()>& attempt);
  [[nodiscard]] Attempt<std::string> try_once(const http::Request& request);
  [[nodiscard]] Attempt<protocol::ModelTurn> stream_once(const http::Request& request,
                                                         const MakeReader& make_reader,
                                                         protocol::StreamListener& listener);
  template <typename T>
  [[nodiscard]] Attempt<T> refused(http::Response response) const;
  [[nodiscard]] double random();

  const HttpModelOptions options_;
  const ErrorFunctions errors_;
  SteadyClock steady_clock_;
  http::Client client_;
  CancellableWait wait_;
  std::mt19937 random_;
};

}  // namespace atonce::model
