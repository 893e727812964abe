// Gemini over HTTP: generateContent or Interactions, on the Developer API or Vertex AI, streamed
// when somebody listens.
//
// Thread safety: as Model says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/http_model.h"
#include "model/model.h"
#include "model/offered_model.h"

namespace atonce::model {

enum class GeminiApi { generate_content, interactions };

struct GeminiOptions {
  std::string specification;  // what it was asked for by, such as "gemini/NAME"
  // "NAME", "models/NAME" or "tunedModels/NAME"; on Vertex AI "NAME", "PUBLISHER/NAME",
  // "publishers/...", "endpoints/ID" or "projects/...".
  std::string model;
  std::string api_key = {};       // sent in a header; shown nowhere
  std::string access_token = {};  // of OAuth; sent in place of the key; shown nowhere
  GeminiApi api = GeminiApi::generate_content;
  // Interactions: the provider keeps the conversation, and only what is new is sent. Once it no
  // longer has it, all is sent each time.
  bool is_stateful = false;
  bool is_vertex = false;  // Vertex AI instead of the Developer API; it has no Interactions here
  // The Cloud project. On Vertex AI, where it may be left out with a key (express mode) only, it is
  // part of the address; on the Developer API it pays for what is asked with a token.
  std::string project = {};
  std::string location = "global";  // of Vertex AI
  // With or without a path and a version at its end, which then replaces `api_version`.
  // Empty: https://generativelanguage.googleapis.com, or the location's address of Vertex AI.
  std::string base_url = {};
  std::string api_version = {};  // empty: v1beta; for Vertex AI v1, and v1beta1 for its list
  HttpModelOptions http = {};    // timeout, retries, proxies; its other fields are filled in here
};

// Opens no connection yet. Errors: unauthorized without a key or token, bad_input for an address,
// project or model name that cannot be used.
//
// Of answer(): as Model says. Tried again: statuses 408, 429, 500, 502, 503 and 504, and
// connections that failed before an answer began. The server's own delay (RetryInfo, Retry-After)
// is honoured. Interactions do not count tokens.
[[nodiscard]] Result<std::unique_ptr<Model>> open_gemini_model(GeminiOptions options);

// The models that can be asked for content, in the order of their names; `options.model` is not
// used. Vertex AI does not say which can: there they are those of Google named gemini-*, without
// the embeddings. Blocks.
// Errors: as opening and answer(); bad_response for a list that does not end.
[[nodiscard]] Result<std::vector<OfferedModel>> list_gemini_models(GeminiOptions options);

}  // namespace atonce::model
