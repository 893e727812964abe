// The list of models of OpenAI-compatible servers. Pure functions: no I/O, no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atonce::protocol::openai {

struct ModelInfo {
  std::string id;
  std::string display_name = {};       // empty if there is none; OpenAI has none
  std::int64_t input_token_limit = 0;  // 0 if not said; OpenAI does not
};

// The body of a 200 answer to GET models: OpenAI's form, and what others send in its place (a bare
// array; the limit under various names).
// Errors: bad_response; those of read_error() when the body reports an error.
[[nodiscard]] Result<std::vector<ModelInfo>> read_models(std::string_view body);

}  // namespace atonce::protocol::openai
