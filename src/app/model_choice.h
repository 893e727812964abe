// From `--model SPEC` and the environment to an opened model.
#pragma once

#include <memory>
#include <string>

#include "app/settings.h"
#include "base/log.h"
#include "base/result.h"
#include "model/model.h"

namespace atonce::app {

// What --model says when nobody says it: gemini/gemini-flash-latest when a key is set, else local.
[[nodiscard]] std::string default_model_spec();

// Opens "gemini/NAME" (key in GEMINI_API_KEY or GOOGLE_API_KEY, address in GOOGLE_GEMINI_BASE_URL),
// "local" or "local:FILE.gguf". `log` must outlive the model.
// Errors: bad_input for a specification that is none; those of the model's own opening.
[[nodiscard]] Result<std::unique_ptr<model::Model>> open_model(const std::string& spec,
                                                               const Places& places, Log& log);

}  // namespace atonce::app
