// From a GGUF file to a model of llama.cpp and a context for it to run in.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

struct llama_context;
struct llama_model;

namespace atonce::model {

// Tokens of a prompt that are computed together, between two looks at the load of the machine.
inline constexpr std::size_t kBatchTokens = 128;

struct ReleaseModel {
  void operator()(llama_model* model) const;
  void operator()(llama_context* context) const;
};
using ModelHandle = std::unique_ptr<llama_model, ReleaseModel>;
using ContextHandle = std::unique_ptr<llama_context, ReleaseModel>;

// The model in the file, which is mapped, not read.
// Errors: not_found (no such file), bad_input (not a GGUF, truncated, of an unknown kind),
// unavailable (too little memory).
[[nodiscard]] Result<ModelHandle> load_model(const std::filesystem::path& path,
                                             const std::function<void(std::string_view)>& on_log);

// A context of two sequences, either of which may use all of it. What runs in it stops when
// `is_cancelled` becomes true; the flag and the model must outlive it.
// Errors: unavailable (too little memory).
[[nodiscard]] Result<ContextHandle> open_context(
    llama_model& model, std::size_t context_tokens, std::atomic<bool>& is_cancelled,
    const std::function<void(std::string_view)>& on_log);

}  // namespace atonce::model
