// What a conversation with a model is made of, in no dialect: the values between model/, which
// runs the loop, and this folder's adapters, which read and write the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "call/outcome.h"
#include "call/tool_spec.h"

namespace atonce::protocol {

// Whether the model may, must or must not call functions.
enum class CallMode { automatic, any, none, validated };

// Why the model stopped. Calls are found by their presence, never by this.
enum class Finish {
  stop,             // it was done
  length,           // it ran out of tokens
  blocked,          // safety, recitation, prohibited content: the prompt or the answer was refused
  malformed_call,   // it tried to call a function and produced no valid call
  unexpected_call,  // it called a function that was not declared, or where none was allowed
  other,            // anything else; ModelTurn::finish_detail says what
};

struct Usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t thought_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t total_tokens = 0;

  Usage& operator+=(const Usage& other);
  friend bool operator==(const Usage&, const Usage&) = default;
};

// Whose JSON a turn's raw content is. Only the same wire can echo it; for any other the turn is
// written anew from its text and calls.
enum class Wire { none, gemini, interactions, openai_chat, openai_responses };

// What the model said in one response.
struct ModelTurn {
  Wire wire = Wire::none;
  // The wire's own JSON, verbatim, to be echoed: a Gemini content, a chat message, an array of
  // Responses items or of Interactions steps. Empty if there is none.
  std::string raw_content = {};
  std::string text = {};  // the visible text (no thoughts)
  // In the order in which the model made them; arguments "{}" if absent.
  std::vector<call::Call> calls = {};
  Finish finish = Finish::stop;
  std::string finish_detail = {};  // the wire's own word and message
  Usage usage = {};
  std::string model = {};        // as the server calls it; empty if it did not say
  std::string response_id = {};  // as the server calls this response; empty if it did not say
  // Set when the server stopped half way: asked again with this turn last, it goes on from there.
  std::string continuation_token = {};
};

// A file shown to a model beside words, or an image that a function returned.
struct Media {
  std::string name = {};        // such as "photo.png"; may be empty
  std::string media_type = {};  // such as "image/png"
  std::string data = {};        // base64
};

struct UserText {
  std::string text = {};
  std::vector<Media> files = {};
};

// The outcomes of all of a turn's calls, in call order.
struct FunctionResults {
  std::vector<call::Finished> calls;
};

using Message = std::variant<UserText, ModelTurn, FunctionResults>;

// What providers run themselves, beside the functions. Not every wire has each of them.
enum class ProviderTool { search, code_execution, url_context };

// All that a model is asked. The spans must outlive the use of the request.
struct ModelRequest {
  std::span<const Message> messages;
  std::span<const call::ToolSpec> tools;
  std::string system = {};
  CallMode mode = CallMode::automatic;
  std::vector<std::string> allowed = {};  // names the mode is limited to; empty: every tool
  std::vector<ProviderTool> provider_tools = {};
  std::optional<double> temperature = std::nullopt;
  std::optional<int> max_output_tokens = std::nullopt;
};

}  // namespace atonce::protocol
