// The Gemini dialect, generateContent, from the side that asks: requests out, responses in. Pure
// functions: no I/O, no state.
//
// Reading takes both spellings of every name (finishReason, finish_reason) and ignores what it does
// not know. What the model said is kept as it came (ModelTurn::raw_content) and echoed as it came:
// unknown parts, thought signatures and the spelling of numbers included.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::protocol::gemini {

struct Options {
  // Its name decides in which form results are sent; empty: the form that every model takes.
  std::string model = {};
  bool stream = false;
  bool is_vertex = false;  // Vertex AI's address, which differs in what it takes
};

// The body of a generateContent or streamGenerateContent request.
//
// A turn of the model that did not come over this wire is written anew from its text and calls,
// with plain_name() of call_answers.h for their names.
// Results carry the ids that the model gave its calls; a call without an id is answered without
// one. Images and PDFs in results go beside them for models that take them so, from Gemini 3 on; to
// other models, and sounds and films to all, they are shown in a content after all results.
// Where functions and the provider's own tools come together, Gemini's API wants to be asked for
// the calls of the latter, which Vertex AI refuses. Vertex AI is asked to stream the arguments of
// calls from Gemini 3 on. With CallMode::automatic, only the allowed tools are declared, because
// the API takes names only together with `any` and `validated`. A last turn with a continuation
// token is not written: the token in its place asks for the rest of it.
[[nodiscard]] std::string write_request(const ModelRequest& request, const Options& options = {});

// Puts the answer to such a request after the `turn` that it goes on from: parts, texts, calls and
// usage; how it ended is how the rest ended.
void append_rest(ModelTurn& turn, ModelTurn rest);

// The body of a 200 answer: one response, or the array of them that streamGenerateContent sends
// when it is not asked for events, read as one turn.
//
// A refused prompt is a turn that is `blocked`, not an error. Calls are in `calls` whatever the
// finish; with unexpected_call they must not be run. An absent finish reason is `stop` when there
// is content.
// Errors: bad_response; those of read_error() when the body is an error object.
[[nodiscard]] Result<ModelTurn> read_response(std::string_view body);

// Reads the body of streamGenerateContent, both the events of `alt=sse` and the JSON array; which
// of them it is, the body itself tells. `listener` must outlive the reader.
//
// The chunks become one content, part by part: parts are never joined, not even two of plain text,
// so signatures stay where they are and empty texts that carry one are kept. A call whose arguments
// came in pieces (Vertex) is one part there, as if it had come whole. A call that the same chunk
// says was unexpected is in the turn but not told. Content without any finish reason in the stream
// is an answer that broke off: bad_response.
[[nodiscard]] std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener);

// What an answer with an error status means, as one line: Google's error form, also wrapped in an
// array, or whatever else came. `model` is named when it is what was not found.
// Codes: unauthorized, not_found, timed_out (408, 504), unavailable (429, 5xx), bad_response (a
// redirect), refused (all others, and a 429 that waiting does not help: the day's quota is used
// up).
[[nodiscard]] Error read_error(int status, std::string_view body, std::string_view model);

// How long the server asks to wait (google.rpc.RetryInfo), if its error says so.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_retry_delay(std::string_view body);

}  // namespace atonce::protocol::gemini
