#include "model/openai_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/url.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_error.h"
#include "protocol/openai_models.h"
#include "protocol/openai_responses.h"

namespace atonce::model {
namespace {

namespace chat = protocol::openai_chat;
namespace openai = protocol::openai;
namespace responses = protocol::openai_responses;

constexpr std::string_view kDefaultBase = "https://api.openai.com/v1";

std::string base_of(const OpenAiOptions& options) {
  std::string base = options.base_url.empty() ? std::string(kDefaultBase) : options.base_url;
  while (base.ends_with('/')) base.pop_back();
  return base;
}

bool is_openai(const OpenAiOptions& options) {
  const auto url = http::parse_url(base_of(options));
  return url && url->host == "api.openai.com";
}

// OpenAI's models of these names refuse to be asked for their reasoning, having none.
bool may_reason(std::string_view model) {
  return !model.starts_with("gpt-3") && !model.starts_with("gpt-4") &&
         !model.starts_with("chatgpt-");
}

// What a server may be told; less of it once it has refused something.
struct Manners {
  std::optional<bool> parallel_tool_calls;
  bool include_usage = true;
  bool include_reasoning = true;
  bool is_stateful = false;

  bool adapts(int status, std::string_view body) {
    if (status != 400 && status != 404 && status != 422) return false;
    if (is_stateful && openai::blames(body, {"previous_response", "Previous response"})) {
      is_stateful = false;
      return true;
    }
    if (parallel_tool_calls && openai::blames(body, {"parallel_tool_calls"})) {
      parallel_tool_calls = std::nullopt;
      return true;
    }
    if (include_usage && openai::blames(body, {"stream_options", "include_usage"})) {
      include_usage = false;
      return true;
    }
    if (include_reasoning && openai::blames(body, {"encrypted_content", "Encrypted content"})) {
      include_reasoning = false;
      return true;
    }
    return false;
  }
};

WireFunctions chat_functions(const OpenAiOptions& options, std::shared_ptr<Manners> manners) {
  return {.write_request =
              [model = options.model, is_own = is_openai(options), manners](
                  const protocol::ModelRequest& request, bool streams) {
                return chat::write_request(request,
                                           {.model = model,
                                            .stream = streams,
                                            .include_usage = manners->include_usage,
                                            .parallel_tool_calls = manners->parallel_tool_calls,
                                            .uses_max_completion_tokens = is_own});
              },
          .read_response = chat::read_response,
          .make_reader = chat::make_stream_reader,
          .abilities = {.media_types = {"image/", "application/pdf", "audio/wav", "audio/x-wav",
                                        "audio/mpeg", "audio/mp3"},
                        .other_ways = "openai/NAME takes images, PDF, WAV and MP3; "
                                      "openai-responses/NAME has search and code-execution; "
                                      "gemini/NAME has and takes all"}};
}

WireFunctions responses_functions(const OpenAiOptions& options, std::shared_ptr<Manners> manners) {
  using protocol::ProviderTool;
  return {
      .write_request =
          [model = options.model, manners](const protocol::ModelRequest& request, bool streams) {
            return responses::write_request(
                request, {.model = model,
                          .stream = streams,
                          .is_stateful = manners->is_stateful,
                          .include_encrypted_reasoning = manners->include_reasoning,
                          .parallel_tool_calls = manners->parallel_tool_calls});
          },
      .read_response = responses::read_response,
      .make_reader = responses::make_stream_reader,
      .abilities = {.provider_tools = {ProviderTool::search, ProviderTool::code_execution},
                    .media_types = {"image/", "application/pdf"},
                    .other_ways = "openai-responses/NAME takes images and PDF, and has search "
                                  "and code-execution; openai/NAME takes WAV and MP3, too; "
                                  "gemini/NAME has and takes all"}};
}

ErrorFunctions make_errors(const OpenAiOptions& options) {
  return {.read_error =
              [model = options.model](int status, std::string_view body) {
                return openai::read_error(status, body, model);
              },
          .read_retry_delay = openai::read_retry_delay};
}

WireFunctions make_wire(const OpenAiOptions& options) {
  const bool is_responses = options.api == OpenAiApi::responses;
  auto manners = std::make_shared<Manners>();
  if (!is_openai(options)) manners->parallel_tool_calls = true;
  manners->include_reasoning = is_responses && may_reason(options.model);
  manners->is_stateful = options.is_stateful;
  WireFunctions wire =
      is_responses ? responses_functions(options, manners) : chat_functions(options, manners);
  wire.write_url = [url = base_of(options) + (is_responses ? "/responses" : "/chat/completions")](
                       bool) { return url; };
  wire.errors = make_errors(options);
  wire.read_refusal = [](int status, std::string_view body) {
    return openai::read_failed_call(status, body);
  };
  wire.adapts = [manners](int status, std::string_view body) {
    return manners->adapts(status, body);
  };
  return wire;
}

Result<void> check(const OpenAiOptions& options) {
  if (options.api_key.empty() && is_openai(options)) {
    return failure(ErrorCode::unauthorized, "there is no key for `" + options.specification + "`",
                   "set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs none");
  }
  if (const auto parsed = http::parse_url(base_of(options)); !parsed) {
    return failure(parsed.error().code, parsed.error().message, "correct OPENAI_BASE_URL");
  }
  return {};
}

HttpModelOptions make_http(const OpenAiOptions& options) {
  HttpModelOptions http = options.http;
  http.specification = options.specification;
  http.secret = options.api_key;
  if (!options.api_key.empty()) {
    http.headers.push_back({"Authorization", "Bearer " + options.api_key});
  }
  return http;
}

}  // namespace

Result<std::unique_ptr<Model>> open_openai_model(OpenAiOptions options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  if (options.model.empty()) {
    return failure(ErrorCode::bad_input, "`" + options.specification + "` names no model",
                   "name one as the server calls it: openai/NAME");
  }
  return make_http_model(make_http(options), make_wire(options));
}

Result<std::vector<OfferedModel>> list_openai_models(OpenAiOptions options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  options.model.clear();
  HttpCaller caller(make_http(options), make_errors(options));
  const auto body = caller.send(caller.make_request(base_of(options) + "/models", "", false));
  if (!body) return std::unexpected(body.error().error);
  auto models = openai::read_models(*body);
  if (!models) return std::unexpected(caller.presentable(models.error()));
  std::vector<OfferedModel> offered;
  for (openai::ModelInfo& model : *models) {
    offered.push_back(
        {std::move(model.id), std::move(model.display_name), model.input_token_limit});
  }
  std::ranges::sort(offered, {}, &OfferedModel::name);
  return offered;
}

}  // namespace atonce::model
