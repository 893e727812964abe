#include "model/local_sampler.h"

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

namespace atonce::model {
namespace {

// The `width` most likely tokens, in order.
std::vector<Token> most_likely(std::span<const float> logits, std::size_t width) {
  const auto at = std::ranges::max_element(logits);
  if (width == 1) return {static_cast<Token>(at - logits.begin())};
  std::vector<Token> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  width = std::min(width, order.size());
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(width), [&](Token a, Token b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
      });
  order.resize(width);
  return order;
}

std::optional<Token> first_allowed(llama_sampler& grammar, std::span<const Token> order) {
  std::vector<llama_token_data> candidates;
  for (const Token token : order) candidates.push_back({token, 0.0F, 0.0F});
  llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
  llama_sampler_apply(&grammar, &array);
  for (std::size_t i = 0; i < array.size; ++i) {
    if (!std::isinf(array.data[i].logit)) return array.data[i].id;
  }
  return std::nullopt;
}

}  // namespace

void LocalSampler::Release::operator()(llama_sampler* sampler) const {
  llama_sampler_free(sampler);
}

std::unique_ptr<LocalSampler> LocalSampler::make(const llama_vocab& vocab,
                                                 const std::string& grammar) {
  std::unique_ptr<LocalSampler> sampler(new LocalSampler(vocab));
  if (grammar.empty()) return sampler;
  sampler->grammar_.reset(llama_sampler_init_grammar(&vocab, grammar.c_str(), "root"));
  if (!sampler->grammar_) return nullptr;
  return sampler;
}

// The most likely token of all nearly always is one that the grammar allows, so that one is tried
// alone first, then a few, and the whole vocabulary (a third of the time of a step) only at last.
Token LocalSampler::choose(std::span<const float> logits) {
  if (!grammar_) return most_likely(logits, 1).front();
  for (const std::size_t width : {std::size_t{1}, std::size_t{64}, logits.size()}) {
    if (const auto token = first_allowed(*grammar_, most_likely(logits, width))) return *token;
  }
  return llama_vocab_eos(&vocab_);
}

void LocalSampler::accept(Token token) {
  if (grammar_) llama_sampler_accept(grammar_.get(), token);
}

double log_probability(std::span<const float> logits, Token token) {
  const double most = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - most);
  return logits[static_cast<std::size_t>(token)] - most - std::log(sum);
}

}  // namespace atonce::model
