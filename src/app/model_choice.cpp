#include "app/model_choice.h"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/build_places.h"
#include "app/report.h"
#include "model/gemini_client.h"
#include "model/local_model.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kForms = "gemini/NAME, local or local:FILE.gguf";

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

}  // namespace

std::string default_model_spec() {
  return gemini_key().empty() ? "local" : "gemini/gemini-flash-latest";
}

Result<std::unique_ptr<model::Model>> open_model(const std::string& spec, const Places& places,
                                                 Log& log) {
  constexpr std::string_view kGemini = "gemini/";
  if (spec == "local" || spec.starts_with("local:")) return open_local(spec, places, log);
  if (spec.starts_with(kGemini) && spec.size() > kGemini.size()) {
    return model::open_gemini_model({.specification = spec,
                                     .model = spec.substr(kGemini.size()),
                                     .api_key = gemini_key(),
                                     .base_url = first_set({"GOOGLE_GEMINI_BASE_URL"}),
                                     .user_agent = std::string("atonce/") + kVersion,
                                     .on_retry = print_retry});
  }
  return failure(ErrorCode::bad_input, "`" + spec + "` names no model that atonce can ask",
                 "use --model " + std::string(kForms));
}

}  // namespace atonce::app
