#include "model/gemini_client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "http/client.h"
#include "protocol/gemini.h"

namespace atonce::model {
namespace {

constexpr std::string_view kDefaultBase = "https://generativelanguage.googleapis.com";

// "v1", "v1beta", "v1beta1", "v1alpha", "v1main": what may end a base address.
bool is_version(std::string_view segment) {
  if (!segment.starts_with('v')) return false;
  segment.remove_prefix(1);
  const std::size_t digits = segment.find_first_not_of("0123456789");
  if (digits == 0 || segment.empty()) return false;
  if (digits == std::string_view::npos) return true;
  segment.remove_prefix(digits);
  while (!segment.empty() && segment.back() >= '0' && segment.back() <= '9') {
    segment.remove_suffix(1);
  }
  return segment == "alpha" || segment == "beta" || segment == "main";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string coded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view("-._~/@").contains(c);
    if (is_plain) {
      coded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      coded.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
    }
  }
  return coded;
}

std::string write_endpoint(const GeminiOptions& options) {
  std::string url = options.base_url.empty() ? std::string(kDefaultBase) : options.base_url;
  while (url.ends_with('/')) url.pop_back();
  if (!is_version(std::string_view(url).substr(url.rfind('/') + 1))) {
    url += "/" + options.api_version;
  }
  const bool has_kind = options.model.contains('/');
  return url + (has_kind ? "/" : "/models/") + percent_encoded(options.model) + ":generateContent";
}

class GeminiModel final : public Model {
 public:
  explicit GeminiModel(GeminiOptions options)
      : options_(std::move(options)),
        client_({.proxies = options_.proxies, .user_agent = options_.user_agent}),
        wait_(options_.clock != nullptr ? *options_.clock : steady_clock_),
        random_(std::random_device{}()) {}

  [[nodiscard]] std::string_view name() const override { return options_.specification; }

  [[nodiscard]] Result<protocol::ModelTurn> answer(const protocol::ModelRequest& request) override {
    const http::Request asked = make_request(request);
    for (unsigned attempt = 1;; ++attempt) {
      Attempt tried = try_once(asked);
      if (tried.turn) return *std::move(tried.turn);
      Error error = without_key(tried.turn.error());
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

 private:
  struct Attempt {
    Result<protocol::ModelTurn> turn;
    bool may_retry = false;
    std::optional<std::chrono::milliseconds> asked_delay = std::nullopt;
  };

  [[nodiscard]] http::Request make_request(const protocol::ModelRequest& request) const {
    return {.method = "POST",
            .url = write_endpoint(options_),
            .headers = {{"Content-Type", "application/json"},
                        {"Accept", "application/json"},
                        {"x-goog-api-client", options_.user_agent},
                        {"x-goog-api-key", options_.api_key}},
            .body = protocol::gemini::write_request(request),
            .timeout = options_.timeout};
  }

  [[nodiscard]] Attempt try_once(const http::Request& asked) {
    auto response = client_.send(asked);
    if (!response) {
      const bool may_retry = response.error().code == ErrorCode::unavailable;
      return {.turn = std::unexpected(response.error()), .may_retry = may_retry};
    }
    if (response->status / 100 == 2) {
      return {.turn = protocol::gemini::read_response(response->body)};
    }
    auto delay = protocol::gemini::read_retry_delay(response->body);
    if (const auto header = response->find("Retry-After"); header && !delay) {
      delay = parse_retry_after(*header);
    }
    return {.turn = std::unexpected(
                protocol::gemini::read_error(response->status, response->body, options_.model)),
            .may_retry = may_pass(response->status),
            .asked_delay = delay};
  }

  // Google's texts sometimes name the key that they refuse.
  [[nodiscard]] Error without_key(Error error) const {
    for (std::string* text : {&error.message, &error.hint}) {
      for (std::size_t at = text->find(options_.api_key); at != std::string::npos;
           at = text->find(options_.api_key, at)) {
        text->replace(at, options_.api_key.size(), "(the key)");
        at += std::string_view("(the key)").size();
      }
    }
    return error;
  }

  [[nodiscard]] double random() {
    return options_.random ? options_.random() : std::uniform_real_distribution<double>()(random_);
  }

  const GeminiOptions options_;
  SteadyClock steady_clock_;
  http::Client client_;
  CancellableWait wait_;
  std::mt19937 random_;
};

}  // namespace

Result<std::unique_ptr<Model>> open_gemini_model(GeminiOptions options) {
  if (options.api_key.empty()) {
    return failure(ErrorCode::unauthorized, "there is no key for `" + options.specification + "`",
                   "get one at https://aistudio.google.com/apikey and set GEMINI_API_KEY to it");
  }
  const auto is_strange = [](char c) { return c <= ' ' || c > '~'; };
  if (std::ranges::any_of(options.api_key, is_strange)) {
    return failure(ErrorCode::unauthorized,
                   "the key has a blank or a character in it that no key has",
                   "check GEMINI_API_KEY; keys come from https://aistudio.google.com/apikey");
  }
  if (options.model.empty()) {
    return failure(ErrorCode::bad_input, "`" + options.specification + "` names no model",
                   "name one, such as gemini/gemini-flash-latest");
  }
  if (const auto url = http::parse_url(write_endpoint(options)); !url) {
    Error error = url.error();
    error.hint = "correct GOOGLE_GEMINI_BASE_URL";
    return std::unexpected(std::move(error));
  }
  return std::make_unique<GeminiModel>(std::move(options));
}

}  // namespace atonce::model
