// Where Gemini's methods are: the addresses of the Developer API and of Vertex AI. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace atonce::model {

struct GeminiOptions;

// The address of a method of the options' model, such as "generateContent".
[[nodiscard]] std::string method_url(const GeminiOptions& options, std::string_view method);

// The address of Interactions, which have no method and no model in it.
[[nodiscard]] std::string interactions_url(const GeminiOptions& options);

// The address of a page of the list of models; an empty token asks for the first.
[[nodiscard]] std::string models_url(const GeminiOptions& options, std::string_view page_token);

// bad_input for a base address, project or location that makes no address. The hint names the
// variable to correct.
[[nodiscard]] Result<void> check_address(const GeminiOptions& options);

}  // namespace atonce::model
