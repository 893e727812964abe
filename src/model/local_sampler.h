// Which token comes next: the most likely one that a grammar allows.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct llama_sampler;
struct llama_vocab;

namespace atonce::model {

using Token = std::int32_t;

class LocalSampler final {
 public:
  // `grammar` is GBNF with the start symbol "root"; empty: everything is allowed. The vocabulary
  // must outlive the sampler. To be called while a LogCapture lives; its first error says what
  // was wrong with the grammar. Null then.
  [[nodiscard]] static std::unique_ptr<LocalSampler> make(const llama_vocab& vocab,
                                                          const std::string& grammar);

  // By the logits of the whole vocabulary. The end of the text once the grammar is at its end.
  [[nodiscard]] Token choose(std::span<const float> logits);

  void accept(Token token);  // that it is what was taken

 private:
  struct Release {
    void operator()(llama_sampler* sampler) const;
  };

  explicit LocalSampler(const llama_vocab& vocab) : vocab_(vocab) {}

  const llama_vocab& vocab_;
  std::unique_ptr<llama_sampler, Release> grammar_;
};

// The logarithm of the probability of `token`, by the logits of the whole vocabulary.
[[nodiscard]] double log_probability(std::span<const float> logits, Token token);

}  // namespace atonce::model
