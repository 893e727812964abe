#include "model/openai_client.h"

#include <string_view>
#include <utility>

#include "http/url.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_error.h"
#include "protocol/openai_responses.h"

namespace atonce::model {
namespace {

namespace chat = protocol::openai_chat;
namespace responses = protocol::openai_responses;

constexpr std::string_view kDefaultBase = "https://api.openai.com/v1";

std::string write_endpoint(std::string base, OpenAiApi api) {
  while (base.ends_with('/')) base.pop_back();
  return base + (api == OpenAiApi::responses ? "/responses" : "/chat/completions");
}

WireFunctions chat_functions(const std::string& model, bool is_openai) {
  return {.write_request =
              [model, is_openai](const protocol::ModelRequest& request, bool streams) {
                return chat::write_request(
                    request,
                    {.model = model, .stream = streams, .uses_max_completion_tokens = is_openai});
              },
          .read_response = chat::read_response,
          .make_reader = chat::make_stream_reader};
}

WireFunctions responses_functions(const std::string& model) {
  return {.write_request =
              [model](const protocol::ModelRequest& request, bool streams) {
                return responses::write_request(request, {.model = model, .stream = streams});
              },
          .read_response = responses::read_response,
          .make_reader = responses::make_stream_reader};
}

WireFunctions make_wire(const OpenAiOptions& options, const std::string& url, bool is_openai) {
  WireFunctions wire = options.api == OpenAiApi::responses
                           ? responses_functions(options.model)
                           : chat_functions(options.model, is_openai);
  wire.write_url = [url](bool) { return url; };
  wire.read_error = [model = options.model](int status, std::string_view body) {
    return protocol::openai::read_error(status, body, model);
  };
  wire.read_retry_delay = protocol::openai::read_retry_delay;
  return wire;
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
      write_endpoint(is_openai ? std::string(kDefaultBase) : options.base_url, options.api);
  if (const auto parsed = http::parse_url(url); !parsed) {
    return failure(parsed.error().code, parsed.error().message, "correct OPENAI_BASE_URL");
  }
  WireFunctions wire = make_wire(options, url, is_openai);
  HttpModelOptions http = std::move(options.http);
  http.specification = std::move(options.specification);
  http.secret = options.api_key;
  if (!options.api_key.empty()) {
    http.headers.push_back({"Authorization", "Bearer " + options.api_key});
  }
  return make_http_model(std::move(http), std::move(wire));
}

}  // namespace atonce::model
