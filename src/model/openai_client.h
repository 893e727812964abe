// OpenAI-compatible servers over HTTP: chat completions and Responses, whole or streamed.
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

enum class OpenAiApi { chat_completions, responses };

struct OpenAiOptions {
  std::string specification;  // what it was asked for by, such as "openai/NAME"
  std::string model;          // as the server calls it
  OpenAiApi api = OpenAiApi::chat_completions;
  // Responses: the provider keeps the conversation, and only what is new is sent. Once it no longer
  // has it, all is sent each time.
  bool is_stateful = false;
  std::string api_key = {};    // may be empty for a server of one's own; shown nowhere
  std::string base_url = {};   // up to and with the version; empty: https://api.openai.com/v1
  HttpModelOptions http = {};  // timeout, retries, proxies; its other fields are filled in here
};

// Opens no connection yet. Errors: unauthorized without a key for OpenAI's own address, bad_input
// for an address or model name that cannot be used.
//
// Of answer(): as http_model.h. Servers other than OpenAI's are told that calls may be parallel,
// because some make one at a time otherwise. Reasoning is asked for in the form that can be sent
// back, unless the model's name is one of OpenAI's that does not reason. What a server refuses to
// be told of these is left out from then on, and the request sent again. A call that the server
// itself found malformed (Groq's tool_use_failed) is a turn with Finish::malformed_call.
[[nodiscard]] Result<std::unique_ptr<Model>> open_openai_model(OpenAiOptions options);

// All models that the server lists, in the order of their names; `options.model` is not used.
// Blocks. Errors: as opening and answer().
[[nodiscard]] Result<std::vector<OfferedModel>> list_openai_models(OpenAiOptions options);

}  // namespace atonce::model
