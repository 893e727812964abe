// OpenAI-compatible servers over HTTP: chat completions and Responses, whole or streamed.
//
// Thread safety: as Model says.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "model/http_model.h"
#include "model/model.h"

namespace atonce::model {

enum class OpenAiApi { chat_completions, responses };

struct OpenAiOptions {
  std::string specification;  // what it was asked for by, such as "openai/NAME"
  std::string model;          // as the server calls it
  OpenAiApi api = OpenAiApi::chat_completions;
  std::string api_key = {};    // may be empty for a server of one's own; shown nowhere
  std::string base_url = {};   // up to and with the version; empty: https://api.openai.com/v1
  HttpModelOptions http = {};  // timeout, retries, proxies; its other fields are filled in here
};

// Opens no connection yet. Errors: unauthorized without a key for OpenAI's own address, bad_input
// for an address or model name that cannot be used. Of answer(): as http_model.h.
[[nodiscard]] Result<std::unique_ptr<Model>> open_openai_model(OpenAiOptions options);

}  // namespace atonce::model
