// From the tools' schemas to a GBNF grammar (llama.cpp's notation) of the call blocks that fit
// them: names, keys in signature order, value types, enums, nested lists and dicts as Python
// literals. The block ends with the line "```". What the grammar cannot say (patterns, ranges) is
// left to the validation of the call.
//
// A pure function: no llama.cpp here.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "call/tool_spec.h"

namespace atonce::model {

// The function by which the model answers in words; it is ours, no tool may be reached by it.
inline constexpr std::string_view kReplyName = "reply_to_user";
inline constexpr std::string_view kReplyKey = "text";

struct GrammarOptions {
  bool may_reply = true;              // offer reply_to_user beside the tools
  std::size_t most_calls = 16;        // in one block
  std::size_t most_characters = 400;  // of a string argument
  std::size_t most_reply_characters = 1000;
};

// The grammar, with the start symbol "root".
// Errors: bad_input: a schema is not JSON, or there is nothing that may be called.
[[nodiscard]] Result<std::string> make_call_grammar(std::span<const call::ToolSpec> tools,
                                                    const GrammarOptions& options = {});

}  // namespace atonce::model
