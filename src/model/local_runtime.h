// llama.cpp behind a small door: one model file, one context with two independent sequences, tokens
// in, greedy text out, optionally under a grammar. Knows nothing of tools or conversations.
//
// Thread safety: one thread at a time; cancel() from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/local_load.h"
#include "model/local_sampler.h"

struct llama_batch;
struct llama_vocab;

namespace atonce::model {

// A prompt's home in the context. Each keeps its tokens, so that what two prompts have in common at
// their beginning is computed once.
enum class Sequence { calls, text };

struct RuntimeOptions {
  std::filesystem::path path;
  std::size_t context_tokens = 8192;                  // shared by the two sequences
  unsigned threads = 0;                               // 0: one, until adapt_threads() is called
  std::function<void(std::string_view)> on_log = {};  // llama.cpp's lines; nowhere else do they go
};

struct GenerateOptions {
  std::string_view grammar = {};  // GBNF with start symbol "root"; empty: free text
  std::size_t most_tokens = 512;
  // Shown the whole text after each token; true ends it. Empty: never.
  std::function<bool(std::string_view text)> is_complete = {};
};

struct Generated {
  std::string text;
  std::size_t tokens = 0;
  bool is_cut = false;  // most_tokens were reached, or the context was full
};

class LocalRuntime final {
 public:
  // Errors: not_found (no such file), bad_input (not a GGUF, truncated, of an unknown kind),
  // unavailable (too little memory).
  [[nodiscard]] static Result<std::unique_ptr<LocalRuntime>> open(RuntimeOptions options);

  ~LocalRuntime();
  LocalRuntime(const LocalRuntime&) = delete;
  LocalRuntime& operator=(const LocalRuntime&) = delete;

  // The tokens of `text`, in which "<|im_start|>" and the like are control tokens only if
  // `has_control`.
  [[nodiscard]] std::vector<Token> tokenize(std::string_view text, bool has_control) const;

  // Makes `sequence` hold exactly `tokens`. Returns how many were there already.
  // Errors: cancelled; refused (more tokens than the context holds).
  [[nodiscard]] Result<std::size_t> feed(Sequence sequence, std::span<const Token> tokens);

  // The most likely text after what `sequence` holds; afterwards it holds that text too.
  // Errors: cancelled; bad_input (a grammar that llama.cpp refuses).
  [[nodiscard]] Result<Generated> generate(Sequence sequence, const GenerateOptions& options);

  // The logarithm of the probability that `tokens`, at most 100, follow; the sequence stays as it
  // is, and generate() may go on from there. Errors: as feed.
  [[nodiscard]] Result<double> score(Sequence sequence, std::span<const Token> tokens);

  // What `sequence` holds, as bytes for restore(); only the same model file, processor and
  // llama.cpp understand them.
  [[nodiscard]] std::vector<std::uint8_t> state(Sequence sequence) const;

  // Makes `sequence` hold `tokens` by the state() that it had with them. False, and the sequence
  // empty, when llama.cpp does not accept the bytes; it does not notice bytes that were changed.
  [[nodiscard]] bool restore(Sequence sequence, std::span<const std::uint8_t> state,
                             std::span<const Token> tokens);

  // Unless the options fix the number of threads: as many as there are idle cores now (looks for
  // 60 ms). ggml's threads wait for each other by spinning: with one thread more than there are
  // idle cores the model runs many times slower. While it runs, threads are taken away again when
  // the cores become busy.
  void adapt_threads();

  [[nodiscard]] std::size_t context_tokens() const;
  [[nodiscard]] std::span<const Token> held(Sequence sequence) const;

  void cancel() { is_cancelled_ = true; }
  void uncancel() { is_cancelled_ = false; }
  [[nodiscard]] bool is_cancelled() const { return is_cancelled_; }

 private:
  LocalRuntime(RuntimeOptions options, ModelHandle model);
  [[nodiscard]] Result<void> open_context();
  [[nodiscard]] Result<void> decode(Sequence sequence, std::span<const Token> tokens,
                                    bool wants_all);
  void shorten(Sequence sequence, std::size_t length);
  [[nodiscard]] std::span<float> logits(std::int32_t place) const;
  [[nodiscard]] std::string piece_of(Token token) const;
  void set_threads(unsigned threads);
  [[nodiscard]] std::int32_t step(const llama_batch& batch);

  const RuntimeOptions options_;
  std::atomic<bool> is_cancelled_ = false;
  const ModelHandle model_;
  ContextHandle context_;  // reads is_cancelled_
  const llama_vocab* const vocab_;
  std::vector<Token> held_[2];  // what each sequence holds
  unsigned threads_ = 1;
  struct {
    double wall_seconds = 0;
    double processor_seconds = 0;
  } load_;  // since the threads were last thought about
};

}  // namespace atonce::model
