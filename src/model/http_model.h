// A model behind an HTTP address: asks, retries what may be retried, and streams when somebody
// listens. What the bytes mean is the wire's business: Gemini, the OpenAI-compatible APIs and
// others are this class with another set of functions.
//
// Thread safety: as Model says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "http/proxy.h"
#include "model/model.h"
#include "model/retry.h"
#include "protocol/stream.h"

namespace atonce::model {

// What one wire does with bytes. Pure functions; `streams` says whether the answer is asked for in
// pieces.
struct WireFunctions {
  std::function<std::string(bool streams)> write_url = {};
  std::function<std::string(const protocol::ModelRequest&, bool streams)> write_request = {};
  std::function<Result<protocol::ModelTurn>(std::string_view body)> read_response = {};
  std::function<std::unique_ptr<protocol::StreamReader>(protocol::StreamListener&)> make_reader =
      {};
  std::function<Error(int status, std::string_view body)> read_error = {};
  // How long the server's error asks to wait, beside a Retry-After header.
  std::function<std::optional<std::chrono::milliseconds>(std::string_view body)> read_retry_delay =
      {};
};

struct HttpModelOptions {
  std::string specification = {};          // what it was asked for by, such as "gemini/NAME"
  std::vector<http::Header> headers = {};  // the key and what the wire wants
  std::string secret = {};                 // struck out of every error's text
  std::string user_agent = "atonce";
  http::ProxySettings proxies = http::proxies_from_environment();
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // of one attempt
  RetryOptions retry = {};
  Clock* clock = nullptr;               // for the waits; must outlive the model. Null: real time
  std::function<double()> random = {};  // in [0, 1), for the waits' jitter. Empty: random
  // Told before each wait, on the thread in answer(): what failed, and how long it is waited.
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry = {};
};

// Opens no connection yet. A request is tried again as retry.h says, but never once a part of its
// answer has been told to a listener.
[[nodiscard]] std::unique_ptr<Model> make_http_model(HttpModelOptions options, WireFunctions wire);

}  // namespace atonce::model
