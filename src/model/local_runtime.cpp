#include "model/local_runtime.h"

#include <llama.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "model/local_host.h"
#include "model/local_log.h"

namespace atonce::model {
namespace {

constexpr std::chrono::milliseconds kIdleWindow{60};
constexpr double kLoadWindowSeconds = 0.2;
constexpr double kLeastShare = 0.75;  // of the processor time that all threads could have had

llama_seq_id id_of(Sequence sequence) { return static_cast<llama_seq_id>(sequence); }

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Error cancelled() { return {ErrorCode::cancelled, "the embedded model was stopped"}; }

// A batch of tokens at given positions of one sequence.
class Batch {
 public:
  explicit Batch(std::size_t size)
      : batch_(llama_batch_init(static_cast<std::int32_t>(size), 0, 1)) {}
  ~Batch() { llama_batch_free(batch_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void add(Token token, std::size_t position, Sequence sequence, bool wants_logits) {
    const std::int32_t i = batch_.n_tokens++;
    batch_.token[i] = token;
    batch_.pos[i] = static_cast<llama_pos>(position);
    batch_.n_seq_id[i] = 1;
    batch_.seq_id[i][0] = id_of(sequence);
    batch_.logits[i] = wants_logits ? 1 : 0;
  }

  [[nodiscard]] const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
};

}  // namespace

LocalRuntime::LocalRuntime(RuntimeOptions options, ModelHandle model)
    : options_(std::move(options)),
      model_(std::move(model)),
      vocab_(llama_model_get_vocab(model_.get())) {}
LocalRuntime::~LocalRuntime() = default;

Result<std::unique_ptr<LocalRuntime>> LocalRuntime::open(RuntimeOptions options) {
  auto model = load_model(options.path, options.on_log);
  if (!model) return std::unexpected(model.error());
  std::unique_ptr<LocalRuntime> runtime(new LocalRuntime(std::move(options), *std::move(model)));
  if (auto opened = runtime->open_context(); !opened) return std::unexpected(opened.error());
  return runtime;
}

Result<void> LocalRuntime::open_context() {
  auto context =
      model::open_context(*model_, options_.context_tokens, is_cancelled_, options_.on_log);
  if (!context) return std::unexpected(context.error());
  context_ = *std::move(context);
  set_threads(std::max(1U, options_.threads));
  return {};
}

std::vector<Token> LocalRuntime::tokenize(std::string_view text, bool has_control) const {
  std::vector<Token> tokens(text.size() + 8);
  const std::int32_t count =
      llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                     static_cast<std::int32_t>(tokens.size()), false, has_control);
  ATONCE_CHECK(count >= 0, "a text never has more tokens than bytes");
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

std::size_t LocalRuntime::context_tokens() const { return llama_n_ctx(context_.get()); }

std::span<const Token> LocalRuntime::held(Sequence sequence) const {
  return held_[static_cast<std::size_t>(sequence)];
}

void LocalRuntime::shorten(Sequence sequence, std::size_t length) {
  auto& held = held_[static_cast<std::size_t>(sequence)];
  llama_memory_seq_rm(llama_get_memory(context_.get()), id_of(sequence),
                      static_cast<llama_pos>(length), -1);
  held.resize(std::min(held.size(), length));
}

void LocalRuntime::adapt_threads() {
  if (options_.threads == 0) set_threads(read_idle_cores(kIdleWindow));
}

void LocalRuntime::set_threads(unsigned threads) {
  threads_ = threads;
  llama_set_n_threads(context_.get(), static_cast<std::int32_t>(threads),
                      static_cast<std::int32_t>(threads));
  load_ = {};
}

// One step of llama.cpp, watched: threads that spin but do not get their share of the processors
// have company, and half as many are faster then.
std::int32_t LocalRuntime::step(const llama_batch& batch) {
  const double wall = seconds_of(CLOCK_MONOTONIC);
  const double processor = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const std::int32_t status = llama_decode(context_.get(), batch);
  load_.wall_seconds += seconds_of(CLOCK_MONOTONIC) - wall;
  load_.processor_seconds += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - processor;
  if (options_.threads != 0 || threads_ == 1 || load_.wall_seconds < kLoadWindowSeconds) {
    return status;
  }
  const bool has_company = load_.processor_seconds < kLeastShare * threads_ * load_.wall_seconds;
  if (has_company) set_threads(threads_ / 2);
  load_ = {};
  return status;
}

Result<std::size_t> LocalRuntime::feed(Sequence sequence, std::span<const Token> tokens) {
  if (is_cancelled_) return std::unexpected(cancelled());
  const LogCapture log(options_.on_log);
  const auto& held = held_[static_cast<std::size_t>(sequence)];
  const auto [end, unused] = std::ranges::mismatch(held, tokens);
  // The last token is computed again even if it is there: its logits are what comes next.
  const std::size_t common = std::min(static_cast<std::size_t>(end - held.begin()),
                                      tokens.empty() ? 0 : tokens.size() - 1);
  shorten(sequence, common);
  if (auto decoded = decode(sequence, tokens.subspan(common), false); !decoded) {
    return std::unexpected(decoded.error());
  }
  return common;
}

Result<void> LocalRuntime::decode(Sequence sequence, std::span<const Token> tokens,
                                  bool wants_all) {
  auto& held = held_[static_cast<std::size_t>(sequence)];
  const std::size_t other = held_[0].size() + held_[1].size() - held.size();
  if (held.size() + tokens.size() > context_tokens()) {
    return failure(ErrorCode::refused,
                   "the conversation has " + std::to_string(held.size() + tokens.size()) +
                       " tokens, more than the " + std::to_string(context_tokens()) +
                       " of the embedded model's context",
                   "ask for less at once, declare fewer tools, or use a larger model");
  }
  if (held.size() + tokens.size() + other > context_tokens()) {
    shorten(sequence == Sequence::calls ? Sequence::text : Sequence::calls, 0);
  }
  while (!tokens.empty()) {
    const std::size_t count = std::min(tokens.size(), kBatchTokens);
    Batch batch(count);
    for (std::size_t i = 0; i < count; ++i) {
      batch.add(tokens[i], held.size() + i, sequence, wants_all || i + 1 == tokens.size());
    }
    const std::int32_t status = step(batch.get());
    if (status != 0 || is_cancelled_) {
      shorten(sequence, held.size());
      if (is_cancelled_) return std::unexpected(cancelled());
      return failure(ErrorCode::bad_response,
                     "llama.cpp could not go on (status " + std::to_string(status) + ")");
    }
    held.insert(held.end(), tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
    tokens = tokens.subspan(count);
  }
  return {};
}

// Of the whole vocabulary, at a place of the last batch; -1: its last one.
std::span<float> LocalRuntime::logits(std::int32_t place) const {
  return {llama_get_logits_ith(context_.get(), place),
          static_cast<std::size_t>(llama_vocab_n_tokens(vocab_))};
}

std::string LocalRuntime::piece_of(Token token) const {
  std::array<char, 256> piece{};
  const std::int32_t length = llama_token_to_piece(
      vocab_, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, false);
  return {piece.data(), static_cast<std::size_t>(std::max(0, length))};
}

Result<Generated> LocalRuntime::generate(Sequence sequence, const GenerateOptions& options) {
  const LogCapture log(options_.on_log);
  const auto sampler = LocalSampler::make(*vocab_, std::string(options.grammar));
  if (!sampler) {
    return failure(ErrorCode::bad_input,
                   "the tools' schemas make no usable grammar: " + log.first_error());
  }
  Generated out;
  for (;;) {
    if (is_cancelled_) return std::unexpected(cancelled());
    const Token token = sampler->choose(logits(-1));
    if (llama_vocab_is_eog(vocab_, token)) return out;
    sampler->accept(token);
    out.text += piece_of(token);
    ++out.tokens;
    if (options.is_complete && options.is_complete(out.text)) return out;
    out.is_cut = out.tokens >= options.most_tokens || held(sequence).size() + 1 >= context_tokens();
    if (out.is_cut) return out;
    if (auto decoded = decode(sequence, std::array{token}, false); !decoded) {
      return std::unexpected(decoded.error());
    }
  }
}

Result<double> LocalRuntime::score(Sequence sequence, std::span<const Token> tokens) {
  if (tokens.empty()) return 0.0;
  ATONCE_CHECK(tokens.size() < kBatchTokens, "all tokens to score fit one batch");
  const LogCapture log(options_.on_log);
  const std::size_t start = held(sequence).size();
  ATONCE_CHECK(start > 0, "something is fed before it is continued");
  const Token last = held(sequence).back();
  // The last token held is computed again together with the new ones: its logits are the first to
  // look at.
  shorten(sequence, start - 1);
  std::vector<Token> batch{last};
  batch.insert(batch.end(), tokens.begin(), tokens.end());
  if (auto decoded = decode(sequence, batch, true); !decoded)
    return std::unexpected(decoded.error());
  double sum = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    sum += log_probability(logits(static_cast<std::int32_t>(i)), tokens[i]);
  }
  // So that what comes next can be generated: the logits of the last token, computed once more.
  shorten(sequence, start - 1);
  if (auto decoded = decode(sequence, std::array{last}, false); !decoded) {
    return std::unexpected(decoded.error());
  }
  return sum;
}

std::vector<std::uint8_t> LocalRuntime::state(Sequence sequence) const {
  std::vector<std::uint8_t> bytes(llama_state_seq_get_size(context_.get(), id_of(sequence)));
  bytes.resize(
      llama_state_seq_get_data(context_.get(), bytes.data(), bytes.size(), id_of(sequence)));
  return bytes;
}

bool LocalRuntime::restore(Sequence sequence, std::span<const std::uint8_t> state,
                           std::span<const Token> tokens) {
  const LogCapture log(options_.on_log);
  shorten(sequence, 0);
  if (llama_state_seq_set_data(context_.get(), state.data(), state.size(), id_of(sequence)) == 0) {
    shorten(sequence, 0);
    return false;
  }
  held_[static_cast<std::size_t>(sequence)].assign(tokens.begin(), tokens.end());
  return true;
}

}  // namespace atonce::model
