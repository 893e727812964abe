#include "app/model_choice.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/build_places.h"
#include "app/report.h"
#include "model/gemini_client.h"
#include "model/local_model.h"
#include "model/openai_client.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kForms =
    "gemini/NAME, gemini-interactions/NAME, vertex/NAME, openai/NAME, openai-responses/NAME, local "
    "or local:FILE.gguf";

std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string gemini_key() { return first_set({"GEMINI_API_KEY", "GOOGLE_API_KEY"}); }

std::string google_token() {
  return first_set({"GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"});
}

// The model that `make model` puts into the cache; the larger one where both are.
Result<fs::path> find_embedded_model(const Places& places) {
  if (const auto models = find_local_models(places); !models.empty()) return models.front().file;
  return failure(
      ErrorCode::not_found, "the embedded model is not in " + (places.cache / "models").string(),
      "fetch it with `make model` (1.1 GB), or name another: --model " + std::string(kForms));
}

Result<std::unique_ptr<model::Model>> open_local(const std::string& spec, const Places& places,
                                                 Log& log) {
  fs::path file = spec.substr(std::string_view("local").size());
  if (file.empty()) {
    auto found = find_embedded_model(places);
    if (!found) return std::unexpected(found.error());
    file = *std::move(found);
  } else {
    file = file.string().substr(1);  // after the colon
  }
  return model::open_local_model({.path = file,
                                  .name = spec,
                                  .on_log =
                                      [&log](std::string_view line) {
                                        log.write(LogLevel::debug, "llama",
                                                  {{"line", std::string(line)}});
                                      },
                                  .state_folder = places.cache / "prompt-states"});
}

void print_retry(const Error& error, std::chrono::milliseconds wait) {
  print_warning(error.message + "; trying again in " +
                std::to_string(std::llround(static_cast<double>(wait.count()) / 1000)) + " s");
}

std::string address(const std::string& base_url, const char* variable) {
  return base_url.empty() ? first_set({variable}) : base_url;
}

// What follows the provider's prefix; nothing for another prefix or an empty name.
std::optional<std::string> name_after(std::string_view prefix, const std::string& spec) {
  if (!spec.starts_with(prefix) || spec.size() == prefix.size()) return std::nullopt;
  return spec.substr(prefix.size());
}

bool keeps_conversations(const std::string& spec) {
  return spec.starts_with("gemini-interactions/") || spec.starts_with("openai-responses/");
}

std::string user_agent() { return std::string("atonce/") + kVersion; }

model::HttpModelOptions http_options() {
  return {.user_agent = user_agent(), .on_retry = print_retry};
}

model::GeminiOptions gemini_options(const std::string& base_url) {
  const std::string key = gemini_key();
  return {.specification = "gemini",
          .model = "",
          .api_key = key,
          .access_token = key.empty() ? google_token() : "",
          .project = first_set({"GOOGLE_CLOUD_PROJECT"}),
          .base_url = address(base_url, "GOOGLE_GEMINI_BASE_URL"),
          .http = http_options()};
}

model::GeminiOptions vertex_options(const std::string& base_url) {
  const std::string location = first_set({"GOOGLE_CLOUD_LOCATION"});
  return {.specification = "vertex",
          .model = "",
          .api_key = first_set({"GOOGLE_API_KEY"}),
          .access_token = google_token(),
          .is_vertex = true,
          .project = first_set({"GOOGLE_CLOUD_PROJECT"}),
          .location = location.empty() ? "global" : location,
          .base_url = address(base_url, "GOOGLE_VERTEX_BASE_URL"),
          .http = http_options()};
}

model::OpenAiOptions openai_options(const std::string& base_url) {
  return {.specification = "openai",
          .model = "",
          .api_key = first_set({"OPENAI_API_KEY"}),
          .base_url = address(base_url, "OPENAI_BASE_URL"),
          .http = http_options()};
}

Result<std::unique_ptr<model::Model>> open_gemini(const std::string& spec, const std::string& name,
                                                  model::GeminiOptions options) {
  options.specification = spec;
  options.model = name;
  return model::open_gemini_model(std::move(options));
}

Result<std::unique_ptr<model::Model>> open_interactions(const ModelChoice& choice,
                                                        const std::string& name) {
  model::GeminiOptions options = gemini_options(choice.base_url);
  options.api = model::GeminiApi::interactions;
  options.is_stateful = choice.is_stateful;
  return open_gemini(choice.spec, name, std::move(options));
}

Result<std::unique_ptr<model::Model>> open_openai(const ModelChoice& choice,
                                                  const std::string& name, model::OpenAiApi api) {
  model::OpenAiOptions options = openai_options(choice.base_url);
  options.specification = choice.spec;
  options.model = name;
  options.api = api;
  options.is_stateful = choice.is_stateful;
  return model::open_openai_model(std::move(options));
}

}  // namespace

std::string default_model_spec() {
  return gemini_key().empty() ? "local" : "gemini/gemini-flash-latest";
}

Result<std::unique_ptr<model::Model>> open_model(const ModelChoice& choice, const Places& places,
                                                 Log& log) {
  const std::string& spec = choice.spec;
  if (choice.is_stateful && !keeps_conversations(spec)) {
    return failure(ErrorCode::bad_input, "the provider of `" + spec + "` keeps no conversation",
                   "leave --stateful out, or use gemini-interactions/NAME or "
                   "openai-responses/NAME");
  }
  if (spec == "local" || spec.starts_with("local:")) return open_local(spec, places, log);
  using model::OpenAiApi;
  const std::string& base_url = choice.base_url;
  if (const auto name = name_after("gemini/", spec)) {
    return open_gemini(spec, *name, gemini_options(base_url));
  }
  if (const auto name = name_after("gemini-interactions/", spec)) {
    return open_interactions(choice, *name);
  }
  if (const auto name = name_after("vertex/", spec)) {
    return open_gemini(spec, *name, vertex_options(base_url));
  }
  if (const auto name = name_after("openai/", spec)) {
    return open_openai(choice, *name, OpenAiApi::chat_completions);
  }
  if (const auto name = name_after("openai-responses/", spec)) {
    return open_openai(choice, *name, OpenAiApi::responses);
  }
  return failure(ErrorCode::bad_input, "`" + spec + "` names no model that atonce can ask",
                 "use --model " + std::string(kForms));
}

Result<std::vector<model::OfferedModel>> list_models(std::string_view provider,
                                                     const std::string& base_url) {
  if (provider == "gemini") return model::list_gemini_models(gemini_options(base_url));
  if (provider == "vertex") return model::list_gemini_models(vertex_options(base_url));
  if (provider == "openai") return model::list_openai_models(openai_options(base_url));
  return failure(ErrorCode::bad_input, "`" + std::string(provider) + "` is no provider",
                 "gemini, vertex, openai and local are");
}

std::vector<LocalModel> find_local_models(const Places& places) {
  std::vector<LocalModel> models;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(places.cache / "models", error)) {
    std::error_code unreadable;
    const std::uintmax_t bytes = entry.file_size(unreadable);
    if (unreadable || entry.path().extension() != ".gguf") continue;
    models.push_back({.file = entry.path(), .bytes = bytes});
  }
  std::ranges::sort(models, [](const LocalModel& one, const LocalModel& other) {
    return std::pair(other.bytes, one.file) < std::pair(one.bytes, other.file);
  });
  return models;
}

}  // namespace atonce::app
