#include "model/local_runtime.h"

#include <llama.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <mutex>
#include <numeric>
#include <utility>

#include "model/local_host.h"

namespace atonce::model {
namespace {

constexpr std::size_t kBatchTokens = 128;  // of a prompt, between two looks at the load
constexpr std::uint64_t kWorkingMemoryBytes =
    400'000'000;  // context, buffers and the program itself
constexpr std::chrono::milliseconds kIdleWindow{60};
constexpr double kLoadWindowSeconds = 0.2;
constexpr double kLeastShare = 0.75;  // of the processor time that all threads could have had

llama_seq_id id_of(Sequence sequence) { return static_cast<llama_seq_id>(sequence); }

// llama.cpp has one log for the process, so this is the one place where we must have one too. It
// sends the lines to whoever loads or runs a model now, and keeps the errors for the message.
class LogCapture {
 public:
  explicit LogCapture(const std::function<void(std::string_view)>& sink)
      : lock_(mutex()), sink_(sink) {
    llama_log_set(&LogCapture::receive, this);
  }
  ~LogCapture() { llama_log_set(&LogCapture::drop, nullptr); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // The last error line without llama.cpp's own "function: " in front; empty if there was none.
  [[nodiscard]] std::string last_error() const {
    const std::size_t colon = error_.rfind(": ");
    return colon == std::string::npos ? error_ : error_.substr(error_.find(": ") + 2);
  }

 private:
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }

  static void drop(ggml_log_level, const char*, void*) {}

  static void receive(ggml_log_level level, const char* text, void* self) {
    static_cast<LogCapture*>(self)->take(level, text);
  }

  void take(ggml_log_level level, std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return;
    // The first error is the cause; later ones only say that loading failed.
    if (level == GGML_LOG_LEVEL_ERROR && error_.empty()) error_ = text;
    if (sink_) sink_(text);
  }

  std::lock_guard<std::mutex> lock_;
  const std::function<void(std::string_view)>& sink_;
  std::string error_;
};

Result<std::uint64_t> check_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) {
    return failure(ErrorCode::not_found,
                   "no model file at " + path.string() + ": " + error.message(),
                   "fetch the embedded model with `make model`");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  if (!file.read(magic.data(), magic.size()) || std::string_view(magic.data(), 4) != "GGUF") {
    return failure(ErrorCode::bad_input, path.string() + " is not a GGUF model file",
                   "`make model` fetches the embedded model, and mends a damaged one");
  }
  return size;
}

Result<void> check_memory(const std::filesystem::path& path, std::uint64_t size) {
  const auto available = read_available_memory_bytes();
  const std::uint64_t needed = size + kWorkingMemoryBytes;
  if (!available || *available >= needed) return {};
  const auto megabytes = [](std::uint64_t bytes) { return std::to_string(bytes / 1'000'000); };
  return failure(ErrorCode::unavailable,
                 "the model " + path.filename().string() + " needs " + megabytes(needed) +
                     " MB of memory, and " + megabytes(*available) + " MB are free",
                 "close something, or take the smaller model: `tools/fetch_model.py --low-memory` "
                 "prints its path, "
                 "for `--model local:PATH`");
}

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

bool is_aborted(void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load(); }

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

double log_probability(std::span<const float> logits, Token token) {
  const double most = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - most);
  return logits[static_cast<std::size_t>(token)] - most - std::log(sum);
}

}  // namespace

void LocalRuntime::Release::operator()(llama_model* model) const { llama_model_free(model); }
void LocalRuntime::Release::operator()(llama_context* context) const { llama_free(context); }
void LocalRuntime::Release::operator()(llama_sampler* sampler) const {
  llama_sampler_free(sampler);
}

LocalRuntime::LocalRuntime(RuntimeOptions options) : options_(std::move(options)) {}
LocalRuntime::~LocalRuntime() = default;

Result<std::unique_ptr<LocalRuntime>> LocalRuntime::open(RuntimeOptions options) {
  const auto size = check_file(options.path);
  if (!size) return std::unexpected(size.error());
  if (auto room = check_memory(options.path, *size); !room) return std::unexpected(room.error());
  std::unique_ptr<LocalRuntime> runtime(new LocalRuntime(std::move(options)));
  if (auto loaded = runtime->load_model(); !loaded) return std::unexpected(loaded.error());
  return runtime;
}

Result<void> LocalRuntime::load_model() {
  const LogCapture log(options_.on_log);
  llama_model_params model_params = llama_model_default_params();
  model_params.load_mode = LLAMA_LOAD_MODE_MMAP;
  model_.reset(llama_model_load_from_file(options_.path.c_str(), model_params));
  if (!model_) {
    return failure(
        ErrorCode::bad_input,
        "the model file " + options_.path.string() + " cannot be loaded: " + log.last_error(),
        "it may be damaged: `make model` checks the embedded model and mends it");
  }
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(options_.context_tokens);
  params.n_batch = kBatchTokens;
  params.n_ubatch = kBatchTokens;
  params.n_seq_max = 2;
  params.kv_unified = true;  // either sequence may use all of the context
  params.abort_callback = is_aborted;
  params.abort_callback_data = &is_cancelled_;
  params.no_perf = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (!context_) {
    return failure(ErrorCode::unavailable, "no room for the model's context: " + log.last_error(),
                   "close something that uses much memory, or ask for a smaller context");
  }
  set_threads(std::max(1U, options_.threads));
  vocab_ = llama_model_get_vocab(model_.get());
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

Token LocalRuntime::most_likely(const float* logits) const {
  const std::int32_t count = llama_vocab_n_tokens(vocab_);
  return static_cast<Token>(std::max_element(logits, logits + count) - logits);
}

// The most likely token that the grammar allows. It nearly always is the most likely one of all, so
// that one is tried alone first, then a few, and the whole vocabulary (a third of the time of a
// step) only at last.
Token LocalRuntime::choose(llama_sampler* grammar) const {
  const float* logits = llama_get_logits_ith(context_.get(), -1);
  const Token first = most_likely(logits);
  if (grammar == nullptr) return first;
  const auto count = static_cast<std::size_t>(llama_vocab_n_tokens(vocab_));
  std::vector<Token> order;
  for (const std::size_t width : {std::size_t{1}, std::size_t{64}, count}) {
    if (width == 1) {
      order.assign(1, first);
    } else {
      order.resize(count);
      std::iota(order.begin(), order.end(), 0);
      std::ranges::partial_sort(order,
                                order.begin() + static_cast<std::ptrdiff_t>(std::min(width, count)),
                                [&](Token a, Token b) { return logits[a] > logits[b]; });
      order.resize(std::min(width, count));
    }
    std::vector<llama_token_data> candidates;
    for (const Token token : order) candidates.push_back({token, logits[token], 0.0F});
    llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
    llama_sampler_apply(grammar, &array);
    for (std::size_t i = 0; i < array.size; ++i) {
      if (!std::isinf(array.data[i].logit)) return array.data[i].id;
    }
  }
  return llama_vocab_eos(vocab_);  // the grammar is at its end
}

Result<Generated> LocalRuntime::generate(Sequence sequence, const GenerateOptions& options) {
  const LogCapture log(options_.on_log);
  std::unique_ptr<llama_sampler, Release> grammar;
  if (!options.grammar.empty()) {
    grammar.reset(llama_sampler_init_grammar(vocab_, std::string(options.grammar).c_str(), "root"));
    if (!grammar) {
      return failure(ErrorCode::bad_input,
                     "the tools' schemas make no usable grammar: " + log.last_error());
    }
  }
  if (const auto tokens = tokenize(options.favoured, false); !tokens.empty()) {
    llama_get_logits_ith(context_.get(), -1)[tokens.front()] += options.favour;
  }
  Generated out;
  for (;;) {
    if (is_cancelled_) return std::unexpected(cancelled());
    const Token token = choose(grammar.get());
    if (llama_vocab_is_eog(vocab_, token)) return out;
    if (grammar) llama_sampler_accept(grammar.get(), token);
    std::array<char, 256> piece{};
    const std::int32_t length = llama_token_to_piece(
        vocab_, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, false);
    out.text.append(piece.data(), static_cast<std::size_t>(std::max(0, length)));
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
  const auto count = static_cast<std::size_t>(llama_vocab_n_tokens(vocab_));
  double sum = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const float* logits = llama_get_logits_ith(context_.get(), static_cast<std::int32_t>(i));
    sum += log_probability({logits, count}, tokens[i]);
  }
  shorten(sequence, start);
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
