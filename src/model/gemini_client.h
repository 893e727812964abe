// Gemini over HTTP: generateContent or Interactions, streamed when somebody listens.
//
// Thread safety: as Model says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "http/proxy.h"
#include "model/model.h"
#include "model/retry.h"

namespace atonce::model {

enum class GeminiApi { generate_content, interactions };

struct GeminiOptions {
  std::string specification;  // what it was asked for by, such as "gemini/NAME"
  std::string model;          // "NAME", "models/NAME" or "tunedModels/NAME"
  std::string api_key;        // sent in a header; shown nowhere
  GeminiApi api = GeminiApi::generate_content;
  // With or without a path and a version at its end, which then replaces `api_version`.
  // Empty: https://generativelanguage.googleapis.com
  std::string base_url = {};
  std::string api_version = "v1beta";
  std::string user_agent = "atonce";
  http::ProxySettings proxies = http::proxies_from_environment();

  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // of one attempt
  RetryOptions retry = {};
  Clock* clock = nullptr;               // for the waits; must outlive the model. Null: real time
  std::function<double()> random = {};  // in [0, 1), for the waits' jitter. Empty: random
  // Told before each wait, on the thread in answer(): what failed, and how long it is waited.
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry = {};
};

// Opens no connection yet. Errors: unauthorized without a key, bad_input for an address or model
// name that cannot be used.
//
// Of answer(): unauthorized, not_found (the model, or the server), refused, unavailable, timed_out,
// bad_response, cancelled. Tried again: statuses 408, 429, 500, 502, 503 and 504, and connections
// that failed before an answer began. The server's own delay (RetryInfo, Retry-After) is honoured.
[[nodiscard]] Result<std::unique_ptr<Model>> open_gemini_model(GeminiOptions options);

}  // namespace atonce::model
