#include "model/gemini_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/gemini_address.h"
#include "protocol/gemini.h"
#include "protocol/gemini_models.h"
#include "protocol/interactions.h"

namespace atonce::model {
namespace {

namespace gemini = protocol::gemini;
namespace interactions = protocol::interactions;

constexpr std::size_t kMostPages = 50;

constexpr std::string_view kTokenHint =
    "set GOOGLE_OAUTH_ACCESS_TOKEN to what `gcloud auth print-access-token` prints, which is good "
    "for an hour, and GOOGLE_CLOUD_PROJECT to the project's id";
constexpr std::string_view kExpressHint =
    "set GOOGLE_API_KEY to a key of Vertex AI's express mode; those of AI Studio are not taken";

bool has_token(const GeminiOptions& options) { return !options.access_token.empty(); }

std::string_view credential(const GeminiOptions& options) {
  return has_token(options) ? options.access_token : options.api_key;
}

std::string credential_hint(const GeminiOptions& options) {
  if (has_token(options)) return std::string(kTokenHint);
  if (options.is_vertex) return std::string(kExpressHint);
  return "check GEMINI_API_KEY; keys come from https://aistudio.google.com/apikey";
}

Result<void> check_credential(const GeminiOptions& options) {
  if (credential(options).empty() && options.is_vertex) {
    return failure(ErrorCode::unauthorized,
                   "there is no token and no key for `" + options.specification + "`",
                   std::string(kTokenHint) + "; or " + std::string(kExpressHint));
  }
  if (credential(options).empty()) {
    return failure(ErrorCode::unauthorized, "there is no key for `" + options.specification + "`",
                   "get one at https://aistudio.google.com/apikey and set GEMINI_API_KEY to it");
  }
  const auto is_strange = [](char c) { return c <= ' ' || c > '~'; };
  if (std::ranges::any_of(credential(options), is_strange)) {
    const std::string what = has_token(options) ? "token" : "key";
    return failure(ErrorCode::unauthorized,
                   "the " + what + " has a blank or a character in it that no " + what + " has",
                   credential_hint(options));
  }
  if (options.is_vertex && has_token(options) && options.project.empty()) {
    return failure(ErrorCode::bad_input, "there is no project for `" + options.specification + "`",
                   "set GOOGLE_CLOUD_PROJECT to the project's id, and GOOGLE_CLOUD_LOCATION unless "
                   "it is global");
  }
  return {};
}

// protocol/ speaks of the variables of the Developer API with a key.
void explain(Error& error, const GeminiOptions& options) {
  if (error.code == ErrorCode::unauthorized && (has_token(options) || options.is_vertex)) {
    error.hint = credential_hint(options);
  }
  constexpr std::string_view kVariable = "GOOGLE_GEMINI_BASE_URL";
  const auto at = error.hint.find(kVariable);
  if (!options.is_vertex || at == std::string::npos) return;
  error.hint.replace(at, kVariable.size(), "GOOGLE_VERTEX_BASE_URL");
}

ErrorFunctions make_errors(const GeminiOptions& options) {
  return {.read_error =
              [model = options.model](int status, std::string_view body) {
                return gemini::read_error(status, body, model);
              },
          .read_retry_delay = gemini::read_retry_delay,
          .explain = [options](Error& error) { explain(error, options); }};
}

// `names_project`: whether the address says who pays; else a header does.
HttpModelOptions make_http(const GeminiOptions& options, bool names_project) {
  HttpModelOptions http = options.http;
  http.specification = options.specification;
  http.secret = credential(options);
  http.headers.push_back({"x-goog-api-client", http.user_agent});
  if (has_token(options)) {
    http.headers.push_back({"Authorization", "Bearer " + options.access_token});
    if (!names_project && !options.project.empty()) {
      http.headers.push_back({"x-goog-user-project", options.project});
    }
  } else {
    http.headers.push_back({"x-goog-api-key", options.api_key});
  }
  return http;
}

CountFunctions count_functions(const GeminiOptions& options) {
  return {.url = method_url(options, "countTokens"),
          .write_request =
              [model = options.model,
               is_vertex = options.is_vertex](const protocol::ModelRequest& request) {
                return is_vertex ? gemini::write_vertex_count_request(request, model)
                                 : gemini::write_count_request(request, model);
              },
          .read_response = gemini::read_count};
}

WireFunctions content_functions(const GeminiOptions& options) {
  const std::string whole = method_url(options, "generateContent");
  const std::string streamed = method_url(options, "streamGenerateContent?alt=sse");
  return {.write_url = [=](bool streams) { return streams ? streamed : whole; },
          .write_request =
              [model = options.model, is_vertex = options.is_vertex](
                  const protocol::ModelRequest& request, bool streams) {
                return gemini::write_request(
                    request, {.model = model, .stream = streams, .is_vertex = is_vertex});
              },
          .read_response = gemini::read_response,
          .make_reader = gemini::make_stream_reader,
          .append_rest = gemini::append_rest,
          .count = count_functions(options)};
}

// Whether a refusal is about the conversation that the server was to keep: it has forgotten it, or
// has begun it anew and knows nothing of the calls that are answered.
bool blames_kept_conversation(int status, std::string_view body) {
  if (status != 400 && status != 404) return false;
  constexpr std::string_view kWords[] = {"previous_interaction_id", "Interaction ", "interaction ",
                                         "function response turn"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return body.contains(word); });
}

WireFunctions interactions_functions(const GeminiOptions& options) {
  const auto is_stateful = std::make_shared<bool>(options.is_stateful);
  return {.write_url = [url = interactions_url(options)](bool) { return url; },
          .write_request =
              [model = options.model, is_stateful](const protocol::ModelRequest& request,
                                                   bool streams) {
                return interactions::write_request(
                    request, {.model = model, .stream = streams, .is_stateful = *is_stateful});
              },
          .read_response = interactions::read_response,
          .make_reader = interactions::make_stream_reader,
          .adapts =
              [is_stateful](int status, std::string_view body) {
                return blames_kept_conversation(status, body) && std::exchange(*is_stateful, false);
              }};
}

WireFunctions make_wire(const GeminiOptions& options) {
  using protocol::ProviderTool;
  WireFunctions wire = options.api == GeminiApi::interactions ? interactions_functions(options)
                                                              : content_functions(options);
  wire.errors = make_errors(options);
  wire.abilities = {.provider_tools = {ProviderTool::search, ProviderTool::code_execution,
                                       ProviderTool::url_context},
                    .media_types = {""}};
  return wire;
}

bool makes_content(const gemini::ModelInfo& model, bool is_vertex) {
  if (is_vertex) return model.name.starts_with("gemini-") && !model.name.contains("embedding");
  return std::ranges::find(model.methods, "generateContent") != model.methods.end();
}

Result<gemini::ModelsPage> read_page(HttpCaller& caller, const std::string& url) {
  const auto body = caller.send(caller.make_request(url, "", false));
  if (!body) return std::unexpected(body.error().error);
  auto page = gemini::read_models(*body);
  if (!page) return std::unexpected(caller.presentable(page.error()));
  return page;
}

}  // namespace

Result<std::unique_ptr<Model>> open_gemini_model(GeminiOptions options) {
  if (auto checked = check_credential(options); !checked) return std::unexpected(checked.error());
  if (options.model.empty()) {
    return failure(ErrorCode::bad_input, "`" + options.specification + "` names no model",
                   "name one, such as gemini/gemini-flash-latest");
  }
  if (auto checked = check_address(options); !checked) return std::unexpected(checked.error());
  return make_http_model(make_http(options, options.is_vertex), make_wire(options));
}

Result<std::vector<OfferedModel>> list_gemini_models(GeminiOptions options) {
  for (const auto& checked : {check_credential(options), check_address(options)}) {
    if (!checked) return std::unexpected(checked.error());
  }
  options.model.clear();
  HttpCaller caller(make_http(options, false), make_errors(options));
  std::vector<OfferedModel> offered;
  std::string token;
  for (std::size_t number = 0; number < kMostPages; ++number) {
    const auto page = read_page(caller, models_url(options, token));
    if (!page) return std::unexpected(page.error());
    for (const gemini::ModelInfo& model : page->models) {
      if (!makes_content(model, options.is_vertex)) continue;
      offered.push_back({model.name, model.display_name, model.input_token_limit});
    }
    token = page->next_page_token;
    if (!token.empty()) continue;
    std::ranges::sort(offered, {}, &OfferedModel::name);
    return offered;
  }
  return failure(ErrorCode::bad_response, "the server's list of models has more than " +
                                              std::to_string(kMostPages) + " pages");
}

}  // namespace atonce::model
