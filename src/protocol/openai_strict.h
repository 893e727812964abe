// Which schemas OpenAI can hold a model to.
#pragma once

#include "base/json.h"

namespace atonce::protocol::openai {

// Whether every object of the schema is closed and requires all of its properties. A declaration
// that is marked strict with any other schema is refused.
[[nodiscard]] bool has_strict_form(const json::View& schema);

}  // namespace atonce::protocol::openai
