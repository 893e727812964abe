#include "app/model_choice.h"

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
    "gemini/NAME, gemini-interactions/NAME, openai/NAME, openai-responses/NAME, local or "
    "local:FILE.gguf";

std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string gemini_key() { return first_set({"GEMINI_API_KEY", "GOOGLE_API_KEY"}); }

// The model that `make model` puts into the cache; the larger one where both are.
Result<fs::path> find_embedded_model(const Places& places) {
  const fs::path folder = places.cache / "models";
  fs::path largest;
  std::uintmax_t most = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::uintmax_t size = entry.file_size(error);
    if (error || entry.path().extension() != ".gguf" || size <= most) continue;
    most = size;
    largest = entry.path();
  }
  if (!largest.empty()) return largest;
  return failure(
      ErrorCode::not_found, "the embedded model is not in " + folder.string(),
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

std::string address(const ModelChoice& choice, const char* variable) {
  return choice.base_url.empty() ? first_set({variable}) : choice.base_url;
}

// What follows the provider's prefix; nothing for another prefix or an empty name.
std::optional<std::string> name_after(std::string_view prefix, const std::string& spec) {
  if (!spec.starts_with(prefix) || spec.size() == prefix.size()) return std::nullopt;
  return spec.substr(prefix.size());
}

std::string user_agent() { return std::string("atonce/") + kVersion; }

Result<std::unique_ptr<model::Model>> open_gemini(const ModelChoice& choice,
                                                  const std::string& name, model::GeminiApi api) {
  return model::open_gemini_model({.specification = choice.spec,
                                   .model = name,
                                   .api_key = gemini_key(),
                                   .api = api,
                                   .base_url = address(choice, "GOOGLE_GEMINI_BASE_URL"),
                                   .user_agent = user_agent(),
                                   .on_retry = print_retry});
}

Result<std::unique_ptr<model::Model>> open_openai(const ModelChoice& choice,
                                                  const std::string& name, model::OpenAiApi api) {
  return model::open_openai_model({.specification = choice.spec,
                                   .model = name,
                                   .api = api,
                                   .api_key = first_set({"OPENAI_API_KEY"}),
                                   .base_url = address(choice, "OPENAI_BASE_URL"),
                                   .http = {.user_agent = user_agent(), .on_retry = print_retry}});
}

}  // namespace

std::string default_model_spec() {
  return gemini_key().empty() ? "local" : "gemini/gemini-flash-latest";
}

Result<std::unique_ptr<model::Model>> open_model(const ModelChoice& choice, const Places& places,
                                                 Log& log) {
  const std::string& spec = choice.spec;
  if (spec == "local" || spec.starts_with("local:")) return open_local(spec, places, log);
  using model::GeminiApi;
  using model::OpenAiApi;
  if (const auto name = name_after("gemini/", spec)) {
    return open_gemini(choice, *name, GeminiApi::generate_content);
  }
  if (const auto name = name_after("gemini-interactions/", spec)) {
    return open_gemini(choice, *name, GeminiApi::interactions);
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

}  // namespace atonce::app
