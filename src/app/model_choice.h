// From `--model SPEC` and the environment to an opened model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/log.h"
#include "base/result.h"
#include "model/model.h"
#include "model/offered_model.h"

namespace atonce::app {

struct ModelChoice {
  std::string spec = {};      // of --model; empty: default_model_spec()
  std::string base_url = {};  // of --base-url; empty: the environment's, else the provider's own
  bool is_stateful = false;   // the provider keeps the conversation, where it can
};

// What --model says when nobody says it: gemini/gemini-flash-latest when a key is set, else local.
[[nodiscard]] std::string default_model_spec();

// Opens
//   gemini/NAME, gemini-interactions/NAME
//                 key in GEMINI_API_KEY or GOOGLE_API_KEY, else a token; address in
//                 GOOGLE_GEMINI_BASE_URL
//   vertex/NAME   a token and the project in GOOGLE_CLOUD_PROJECT, its location in
//                 GOOGLE_CLOUD_LOCATION (global if not set); without a token a key of express mode
//                 in GOOGLE_API_KEY; address in GOOGLE_VERTEX_BASE_URL
//   openai/NAME, openai-responses/NAME
//                 key in OPENAI_API_KEY, address in OPENAI_BASE_URL: any server that speaks like it
//   local, local:FILE.gguf
// Tokens are looked for in GOOGLE_OAUTH_ACCESS_TOKEN, then in CLOUDSDK_AUTH_ACCESS_TOKEN, which is
// gcloud's own. `log` must outlive the model.
// Errors: bad_input for a specification that is none, or a stateful one whose provider keeps
// nothing; those of the model's own opening.
[[nodiscard]] Result<std::unique_ptr<model::Model>> open_model(const ModelChoice& choice,
                                                               const Places& places, Log& log);

// Asks "gemini", "vertex" or "openai" which models there are; key and address as for open_model().
// Errors: bad_input for another provider; those of the model's own listing.
[[nodiscard]] Result<std::vector<model::OfferedModel>> list_models(std::string_view provider,
                                                                   const std::string& base_url);

struct LocalModel {
  std::filesystem::path file;
  std::uintmax_t bytes = 0;
};

// The models in the cache, the largest first: `local` is the first of them.
[[nodiscard]] std::vector<LocalModel> find_local_models(const Places& places);

}  // namespace atonce::app
