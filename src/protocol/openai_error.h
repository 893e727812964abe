// What the errors of OpenAI-compatible servers mean, for chat completions and for Responses. Pure
// functions.
//
// Read are OpenAI's own form {"error": {message, type, param, code}} and what others send in its
// place: Google's and OpenRouter's numbers in `code`, an array of one, {"error": "text"} (Ollama),
// {"object": "error", "message": ...} (vLLM, Mistral), {"detail": ...} (FastAPI), a web page.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol::openai {

// What an answer with an error status means, as one line. `model` is named when it is what was not
// found.
// Codes: unauthorized, not_found, timed_out (408, 504), unavailable (409, 429, 5xx), bad_response
// (a redirect), refused (all others, and those of 429 and 500 that waiting does not help: no credit
// is left, the server was started without functions, read_failed_call()).
[[nodiscard]] Error read_error(int status, std::string_view body, std::string_view model);

// Whether an object that came in a 200 answer or in a stream reports an error: `error` is an object
// or a text, or `type` is "error".
[[nodiscard]] bool is_error(const json::View& answer);

// What that object means. The status is taken from it if it names one, else from its type.
// Codes: as read_error().
[[nodiscard]] Error read_reported_error(const json::View& answer);

// How long the error asks to wait, if it says so: Google's RetryInfo, or OpenAI's words "Please try
// again in 1.5s". The Retry-After header is the client's to read.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_retry_delay(std::string_view body);

// Whether the error is about a part of the request with one of these names: its `param` is that, or
// its message has it in it.
[[nodiscard]] bool blames(std::string_view body, std::initializer_list<std::string_view> names);

// Groq, Ollama and llama.cpp's server answer with an error when the model's own call is malformed:
// the turn that its answer would have been, without the calls, finish_detail saying what it wrote
// or what is wrong with it; nothing for any other error.
[[nodiscard]] std::optional<ModelTurn> read_failed_call(int status, std::string_view body);

// The same for an object that came in a stream.
[[nodiscard]] std::optional<ModelTurn> read_failed_call(const json::View& answer);

}  // namespace atonce::protocol::openai
