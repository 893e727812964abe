#include "model/openai_client.h"

#include <string_view>
#include <utility>

#include "http/url.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_error.h"

namespace atonce::model {
namespace {

namespace chat = protocol::openai_chat;

constexpr std::string_view kDefaultBase = "https://api.openai.com/v1";

std::string write_endpoint(std::string base) {
  while (base.ends_with('/')) base.pop_back();
  return base + "/chat/completions";
}

WireFunctions chat_functions(const std::string& url, const std::string& model, bool is_openai) {
  return {.write_url = [url](bool) { return url; },
          .write_request =
              [model, is_openai](const protocol::ModelRequest& request, bool streams) {
                return chat::write_request(
                    request,
                    {.model = model, .stream = streams, .uses_max_completion_tokens = is_openai});
              },
          .read_response = chat::read_response,
          .make_reader = chat::make_stream_reader,
          .read_error =
              [model](int status, std::string_view body) {
                return protocol::openai::read_error(status, body, model);
              },
          .read_retry_delay = protocol::openai::read_retry_delay};
}

}  // namespace

Result<std::unique_ptr<Model>> open_openai_model(OpenAiOptions options) {
  const bool is_openai = options.base_url.empty();
  if (options.api_key.empty() && is_openai) {
    return failure(ErrorCode::unauthorized, "there is no key for `" + options.specification + "`",
                   "set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs none");
  }
  if (options.model.empty()) {
    return failure(ErrorCode::bad_input, "`" + options.specification + "` names no model",
                   "name one as the server calls it: openai/NAME");
  }
  const std::string url =
      write_endpoint(is_openai ? std::string(kDefaultBase) : std::move(options.base_url));
  if (const auto parsed = http::parse_url(url); !parsed) {
    return failure(parsed.error().code, parsed.error().message, "correct OPENAI_BASE_URL");
  }
  HttpModelOptions http = std::move(options.http);
  http.specification = std::move(options.specification);
  http.secret = options.api_key;
  if (!options.api_key.empty()) {
    http.headers.push_back({"Authorization", "Bearer " + options.api_key});
  }
  return make_http_model(std::move(http), chat_functions(url, options.model, is_openai));
}

}  // namespace atonce::model
