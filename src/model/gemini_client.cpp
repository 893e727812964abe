#include "model/gemini_client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "http/url.h"
#include "model/http_model.h"
#include "protocol/gemini.h"
#include "protocol/interactions.h"

namespace atonce::model {
namespace {

namespace gemini = protocol::gemini;
namespace interactions = protocol::interactions;

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

std::string write_endpoint(const GeminiOptions& options, bool streams) {
  std::string url = options.base_url.empty() ? std::string(kDefaultBase) : options.base_url;
  while (url.ends_with('/')) url.pop_back();
  if (!is_version(std::string_view(url).substr(url.rfind('/') + 1))) {
    url += "/" + options.api_version;
  }
  if (options.api == GeminiApi::interactions) return url + "/interactions";
  const bool has_kind = options.model.contains('/');
  return url + (has_kind ? "/" : "/models/") + percent_encoded(options.model) +
         (streams ? ":streamGenerateContent?alt=sse" : ":generateContent");
}

WireFunctions content_functions(const std::string& model) {
  return {.write_request =
              [model](const protocol::ModelRequest& request, bool streams) {
                return gemini::write_request(request, {.model = model, .stream = streams});
              },
          .read_response = gemini::read_response,
          .make_reader = gemini::make_stream_reader};
}

WireFunctions interactions_functions(const std::string& model) {
  return {.write_request =
              [model](const protocol::ModelRequest& request, bool streams) {
                return interactions::write_request(request, {.model = model, .stream = streams});
              },
          .read_response = interactions::read_response,
          .make_reader = interactions::make_stream_reader};
}

WireFunctions make_wire(const GeminiOptions& options) {
  WireFunctions wire = options.api == GeminiApi::interactions
                           ? interactions_functions(options.model)
                           : content_functions(options.model);
  wire.write_url = [options](bool streams) { return write_endpoint(options, streams); };
  wire.read_error = [model = options.model](int status, std::string_view body) {
    return gemini::read_error(status, body, model);
  };
  wire.read_retry_delay = gemini::read_retry_delay;
  return wire;
}

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
  if (const auto url = http::parse_url(write_endpoint(options, false)); !url) {
    Error error = url.error();
    error.hint = "correct GOOGLE_GEMINI_BASE_URL";
    return std::unexpected(std::move(error));
  }
  WireFunctions wire = make_wire(options);
  return make_http_model(
      {.specification = std::move(options.specification),
       .headers = {{"x-goog-api-client", options.user_agent}, {"x-goog-api-key", options.api_key}},
       .secret = options.api_key,
       .user_agent = options.user_agent,
       .proxies = std::move(options.proxies),
       .timeout = options.timeout,
       .retry = options.retry,
       .clock = options.clock,
       .random = std::move(options.random),
       .on_retry = std::move(options.on_retry)},
      std::move(wire));
}

}  // namespace atonce::model
