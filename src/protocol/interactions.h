// Gemini's Interactions API, from the side that asks: requests out, answers in. Pure functions: no
// I/O, no state. Errors with a status have the forms of the rest of Gemini: gemini::read_error()
// and gemini::read_retry_delay() read them.
//
// Reading ignores what it does not know. The steps of an answer are kept as they came
// (ModelTurn::raw_content, a JSON array) and echoed as they came, thoughts with their signatures
// included.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::protocol::interactions {

struct Options {
  std::string model;
  bool stream = false;
  // The server keeps the conversation: only what came after the newest answer of this wire that has
  // an id is sent, with that id. Else all is sent each time, and the server is told to keep
  // nothing.
  bool is_stateful = false;
};

// The body of a request. Tools, system text and generation settings are sent every time, because
// the server does not keep them. They are declared as for Gemini, but without an empty `required`,
// which this API refuses.
//
// Names limit `any` and `validated`; with CallMode::automatic, only the allowed tools are declared.
//
// After every turn with calls comes exactly one function_result for each call, in call order. An
// object that a tool returned is sent as it is; anything else as result_text() of call_answers.h;
// a result with files as its text and the files; what is no value as {"error": text} with is_error.
// A call that was never answered is answered with an error, and a result that answers no call is
// left out.
//
// The steps of an answer go back byte for byte, except that a call without an id, or with that of
// another call of the turn, is given one, and arguments that are no object become {}. A turn of
// another wire is written anew from its text and calls; one that says nothing is left out. Such
// calls follow a thought with the documented dummy signature if the user has not spoken since.
[[nodiscard]] std::string write_request(const ModelRequest& request, const Options& options);

// The body of a 200 answer.
//
// An interaction that is incomplete ran out of tokens: `length`. Statuses that are not known are
// `other`, and finish_detail says which.
// Errors: bad_response, also for an interaction that is not finished; unavailable for one that
// failed; those of gemini::read_error() when the body is an error object.
[[nodiscard]] Result<ModelTurn> read_response(std::string_view body);

// Reads the events of a streamed answer. `listener` must outlive the reader.
//
// The steps are put together in the form that the unary answer has. A call is told when its step
// stops. A server that answers without streaming is understood.
// The answer is complete when interaction.completed has come.
[[nodiscard]] std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener);

}  // namespace atonce::protocol::interactions
