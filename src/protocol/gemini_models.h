// The small calls of Gemini's API beside generateContent: which models there are, and how many
// tokens a request has. Pure functions: no I/O, no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol::gemini {

struct ModelInfo {
  std::string name;  // "gemini-flash-latest", without "models/" or "publishers/google/models/"
  std::string display_name = {};          // empty if there is none
  std::string description = {};           // empty if there is none
  std::vector<std::string> methods = {};  // "generateContent", "countTokens", ...
  std::int64_t input_token_limit = 0;     // 0 if not said
  std::int64_t output_token_limit = 0;    // 0 if not said
};

struct ModelsPage {
  std::vector<ModelInfo> models;
  std::string next_page_token = {};  // empty on the last page
};

// The body of a 200 answer to GET models, or to GET publishers/google/models of Vertex AI, which
// says little more than names. Other APIs' lists have neither `models` nor `publisherModels`; an
// empty object is a list of none.
// Errors: bad_response; those of read_error() when the body is an error object.
[[nodiscard]] Result<ModelsPage> read_models(std::string_view body);

// The body of a countTokens request of the Developer API: all that write_request() would send.
[[nodiscard]] std::string write_count_request(const ModelRequest& request, std::string_view model);

// The same for Vertex AI, which takes the parts of a request that cost tokens and no others.
[[nodiscard]] std::string write_vertex_count_request(const ModelRequest& request,
                                                     std::string_view model);

// The tokens of a 200 answer to either.
// Errors: bad_response; those of read_error() when the body is an error object.
[[nodiscard]] Result<std::int64_t> read_count(std::string_view body);

}  // namespace atonce::protocol::gemini
