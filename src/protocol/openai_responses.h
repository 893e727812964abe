// OpenAI's Responses API, also as others serve it (xAI, DeepSeek, LM Studio, vLLM, Ollama), from
// the side that asks: requests out, answers in. Pure functions: no I/O, no state. What a server's
// errors mean is in openai_error.h.
//
// Reading ignores what it does not know. The items of an answer are kept as they came
// (ModelTurn::raw_content, a JSON array) and echoed as they came, reasoning with its encrypted
// content before the calls that it led to included.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::protocol::openai_responses {

struct Options {
  std::string model;
  bool stream = false;
  // The server keeps the conversation: only what came after the newest answer of this wire that has
  // an id is sent, with that id. Else all is sent each time, and the server is told to keep
  // nothing.
  bool is_stateful = false;
  // Asks for reasoning in the form that can be sent back, which a conversation that the server does
  // not keep needs. OpenAI's models that do not reason refuse to be asked.
  bool include_encrypted_reasoning = true;
  std::optional<bool> parallel_tool_calls = std::nullopt;  // not sent when not set
};

// The body of a request.
//
// CallMode::any is `required`, validated is `auto`. One allowed name with `any` is asked for by
// name; any other choice of names is kept by declaring only these tools.
//
// Declarations that are not strict are marked as such, because the API would take them for strict.
//
// After every turn with calls comes exactly one output for each call, in call order: the API
// refuses all else. Outputs are result_text() of call_answers.h, and with it the images and
// PDFs that were in the result; sounds and films are only named. A call that was never answered is
// answered with an error, and a result that answers no call is left out.
//
// The items of an answer go back byte for byte, but for what no server takes back: a call without a
// call_id, or with that of another call of the turn, is given one, a name becomes its plain_name()
// of call_answers.h, and arguments that are missing, empty or no text become text. A turn of
// another wire is written anew from its text and calls; one that says nothing is left out.
[[nodiscard]] std::string write_request(const ModelRequest& request, const Options& options);

// The body of a 200 answer.
//
// Call::id is the call_id. Arguments that are no JSON are kept as the text that they are, for
// validation to answer. A custom tool's input counts as a JSON string. A refusal in words and a
// content filter are `blocked`. Usage::output_tokens does not count thoughts.
// Errors: bad_response, also for an answer that is not finished; those of openai::read_error() when
// the body reports an error.
[[nodiscard]] Result<ModelTurn> read_response(std::string_view body);

// Reads the events of a streamed answer. `listener` must outlive the reader.
//
// A call is told when its item is done. What follows the end of the response is ignored. A server
// that answers without streaming is understood.
// The answer is complete when response.completed, .incomplete, .failed or .cancelled has come.
[[nodiscard]] std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener);

}  // namespace atonce::protocol::openai_responses
