// What the embedded model reads: the conversation and the tools as text in the chat form of the
// Qwen models (ChatML), and what it has learnt to answer there.
//
// Two prompts. The calls prompt shows the tools as Python stubs and asks for a block of calls, or
// for one call of reply_to_user, which is how the model answers once it has results. It is built so
// that what changes least stands first and is computed once. The text prompt shows no tools and
// asks for a plain answer: for when nothing may be called, or the model only repeats its calls.
//
// Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "call/call.h"
#include "call/tool_spec.h"
#include "protocol/message.h"

namespace atonce::model {

// One question of the person, with the turns of calls that were made for it.
struct Question {
  struct Round {
    std::vector<call::Finished> calls;
  };
  std::string text;
  std::vector<Round> rounds = {};
  std::string answer = {};  // empty for the one to be answered now
};

// The conversation, question by question.
[[nodiscard]] std::vector<Question> read_questions(std::span<const protocol::Message> messages);

// A prompt whose parts change at different rates; the text is their concatenation.
struct CallsPrompt {
  std::string fixed;     // the same for every use: instructions and examples
  std::string tools;     // the same for one file of tools
  std::string question;  // the conversation; ends where the first call begins
};

[[nodiscard]] CallsPrompt write_calls_prompt(std::span<const call::ToolSpec> tools,
                                             const std::string& system,
                                             std::span<const Question> questions);

// `most_result_bytes` bounds what is shown of all results together; longer ones are cut in the
// middle.
[[nodiscard]] std::string write_text_prompt(const std::string& system,
                                            std::span<const Question> questions,
                                            std::size_t most_result_bytes);

}  // namespace atonce::model
