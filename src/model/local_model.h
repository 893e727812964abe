// The embedded model: a small GGUF model that runs inside this program, by llama.cpp. Needs no key
// and no network. Good at clear requests, weak at knowing when no function helps.
//
// Thread safety: as Model says.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/model.h"

namespace atonce::model {

struct LocalModelOptions {
  // What changes the behaviour.
  std::filesystem::path path = {};       // the GGUF file
  std::string name = "local";            // the specification it was asked for by
  std::size_t context_tokens = 8192;     // prompt and answer; 28 kB of memory each (1.5B model)
  std::size_t most_call_rounds = 4;      // of one question; then it is answered with what is there
  std::size_t most_output_tokens = 512;  // of one answer, unless the request says otherwise
  std::function<void(std::string_view)> on_log = {};  // llama.cpp's lines, and why it calls

  // What changes the performance.
  unsigned threads = 0;                     // 0: the cores that are idle when a question comes
  std::filesystem::path state_folder = {};  // where prompts' states are kept; empty: nowhere
};

// The embedded model, loaded (a second or two; the file is mapped, not read).
// answer() decodes greedily: the temperature of a request is not used.
// Errors: not_found (no file at the path), bad_input (not a GGUF, or damaged), unavailable (too
// little memory). Of answer(): cancelled, refused (the conversation is longer than the context),
// bad_input (mode `any` without a function that may be called; a file; a provider's tool).
[[nodiscard]] Result<std::unique_ptr<Model>> open_local_model(LocalModelOptions options);

}  // namespace atonce::model
