// From `--model SPEC` and the environment to an opened model.
#pragma once

#include <memory>
#include <string>

#include "app/settings.h"
#include "base/log.h"
#include "base/result.h"
#include "model/model.h"

namespace atonce::app {

struct ModelChoice {
  std::string spec = {};      // of --model; empty: default_model_spec()
  std::string base_url = {};  // of --base-url; empty: the environment's, else the provider's own
};

// What --model says when nobody says it: gemini/gemini-flash-latest when a key is set, else local.
[[nodiscard]] std::string default_model_spec();

// Opens
//   gemini/NAME, gemini-interactions/NAME
//                 key in GEMINI_API_KEY or GOOGLE_API_KEY, address in GOOGLE_GEMINI_BASE_URL
//   openai/NAME, openai-responses/NAME
//                 key in OPENAI_API_KEY, address in OPENAI_BASE_URL: any server that speaks like it
//   local, local:FILE.gguf
// `log` must outlive the model.
// Errors: bad_input for a specification that is none; those of the model's own opening.
[[nodiscard]] Result<std::unique_ptr<model::Model>> open_model(const ModelChoice& choice,
                                                               const Places& places, Log& log);

}  // namespace atonce::app
