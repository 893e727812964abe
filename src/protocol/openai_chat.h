// The chat completions of OpenAI and of the many servers that speak like it (Google's own endpoint,
// Ollama, llama.cpp, vLLM, Groq, ...), from the side that asks: requests out, answers in. Pure
// functions: no I/O, no state. What a server's errors mean is in openai_error.h.
//
// Reading is liberal and ignores what it does not know. The model's message is kept as it came
// (ModelTurn::raw_content) and echoed as it came, what is unknown in it and Google's
// `extra_content` with its thought signature included.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::protocol::openai_chat {

struct Options {
  std::string model;
  bool stream = false;
  bool include_usage = true;  // in a stream; some servers refuse to be asked for it
  // Not sent when not set: llama.cpp's server makes one call at a time unless told `true`, and
  // OpenAI's o-series refuses to be told.
  std::optional<bool> parallel_tool_calls = std::nullopt;
  // OpenAI's own newer models refuse `max_tokens`; many other servers know nothing else.
  bool uses_max_completion_tokens = false;
};

// The body of a chat completions request.
//
// CallMode::any is `required`, validated is `auto`. One allowed name with `any` is asked for by
// name; any other choice of names is kept by declaring only these tools.
//
// After every turn with calls comes exactly one `tool` message for each call, in call order: the
// API refuses all else. A call that was never answered is answered with an error, and a result that
// answers no call is left out. A string that a tool returned is sent as that text, without quotes
// unless it is empty; any other value as its JSON; what is no value as {"error": text}. Images,
// PDFs and sounds in results are shown in one user message after all of them; films are only named.
// The provider's own tools cannot be asked for here.
//
// The model's own message goes back byte for byte, but for what no server takes back: a call
// without an id, or with that of another call of the turn, is given one that depends on nothing but
// its place in the history, a name becomes its plain_name() of call_answers.h, and arguments that
// are missing, empty or an object become their text.
// A turn of another wire is written anew from its text and calls. A turn that says nothing is left
// out.
[[nodiscard]] std::string write_request(const ModelRequest& request, const Options& options);

// The body of a 200 answer; of several choices the first. Ollama's native form is read, too.
//
// Arguments that are no JSON are kept in Call::arguments as the text that they are, for validation
// to answer. Absent, empty and null ones are "{}". Calls without an id have an empty one. A refusal
// in words and a content filter are `blocked`. Usage::output_tokens does not count thoughts.
// Errors: bad_response; those of openai::read_error() when the body reports an error.
[[nodiscard]] Result<ModelTurn> read_response(std::string_view body);

// Reads the events of a streamed answer. `listener` must outlive the reader.
//
// A call whose arguments are complete is told when the next one begins, any other when the model
// has finished; pieces that still come for it after that are ignored. The message to be echoed is
// put together in the form that the unary answer has. A server that answers without streaming, or
// with Ollama's lines, is understood. The answer is complete when a finish reason or [DONE] has
// come.
[[nodiscard]] std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener);

}  // namespace atonce::protocol::openai_chat
