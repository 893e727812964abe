#include "model/local_model.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "model/grammar.h"
#include "model/local_block.h"
#include "model/local_calls.h"
#include "model/local_prompt.h"
#include "model/local_runtime.h"
#include "model/local_state.h"

namespace atonce::model {
namespace {

using protocol::CallMode;
using protocol::Finish;
using protocol::ModelRequest;
using protocol::ModelTurn;

constexpr std::size_t kMostResultBytes = 9000;  // a third to a half of the context

// A small model calls a function too readily, so it replies already when it is not quite sure that
// it will not: when the negative logarithm of the probability of a reply is at most this. The
// highest value at which no question for a function lost its call while it was chosen: a call too
// many costs a moment, a call too few an invented answer. docs/concepts/embedded-model.md has the
// figures.
constexpr double kLeastCallMargin = 4.0;

// The tools that the request lets the model call. One that is named like our own reply cannot be.
std::vector<call::ToolSpec> callable_tools(const ModelRequest& request) {
  std::vector<call::ToolSpec> tools;
  if (request.mode == CallMode::none) return tools;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_allowed = request.allowed.empty() ||
                            std::ranges::find(request.allowed, tool.name) != request.allowed.end();
    if (is_allowed && tool.name != kReplyName) tools.push_back(tool);
  }
  return tools;
}

bool was_made(const Question& question, const call::Call& call) {
  return std::ranges::any_of(question.rounds, [&](const Question::Round& round) {
    return std::ranges::any_of(round.calls, [&](const call::Finished& finished) {
      return write_call_line(finished.call) == write_call_line(call);
    });
  });
}

std::size_t count_calls(std::span<const Question> questions) {
  std::size_t count = 0;
  for (const Question& question : questions) {
    for (const Question::Round& round : question.rounds) count += round.calls.size();
  }
  return count;
}

// A question with what it takes to answer it.
struct Asked {
  const ModelRequest& request;
  std::vector<Question> questions;     // never empty; the last one is to be answered
  std::vector<call::ToolSpec> tools;   // those that may be called
  protocol::StreamListener* listener;  // may be null

  [[nodiscard]] const Question& question() const { return questions.back(); }
};

// The model reads words only, and nobody searches for it.
Result<void> check_wishes(const ModelRequest& request, const std::string& name) {
  if (!request.provider_tools.empty()) {
    return failure(ErrorCode::bad_input, "`" + name + "` has no provider's tools",
                   "gemini/NAME and openai-responses/NAME have some");
  }
  for (const protocol::Message& message : request.messages) {
    const auto* const question = std::get_if<protocol::UserText>(&message);
    if (question == nullptr || question->files.empty()) continue;
    const protocol::Media& file = question->files.front();
    return failure(
        ErrorCode::bad_input,
        "`" + name + "` has no way to take the file `" + file.name + "`, " + file.media_type,
        "gemini/NAME and openai/NAME read files");
  }
  return {};
}

class LocalModel final : public Model {
 public:
  LocalModel(LocalModelOptions options, std::unique_ptr<LocalRuntime> runtime)
      : options_(std::move(options)),
        runtime_(std::move(runtime)),
        states_(options_.state_folder, options_.path) {}

  [[nodiscard]] std::string_view name() const override { return options_.name; }

  [[nodiscard]] Result<void> check(const ModelRequest& request) const override {
    return check_wishes(request, options_.name);
  }

  [[nodiscard]] Result<std::int64_t> count_tokens(const ModelRequest& request) override {
    const auto asked = read_request(request, nullptr);
    if (!asked) return std::unexpected(asked.error());
    std::string prompt;
    if (may_call(*asked)) {
      const CallsPrompt parts = write_calls_prompt(asked->tools, request.system, asked->questions);
      prompt = parts.fixed + parts.tools + parts.question;
    } else {
      prompt = write_text_prompt(request.system, asked->questions, kMostResultBytes);
    }
    return static_cast<std::int64_t>(runtime_->tokenize(prompt, true).size());
  }

  [[nodiscard]] Result<ModelTurn> answer(const ModelRequest& request,
                                         protocol::StreamListener* listener) override {
    try {
      const auto asked = read_request(request, listener);
      if (!asked) return std::unexpected(asked.error());
      auto turn = answer_question(*asked);
      if (turn) turn->usage.total_tokens = turn->usage.input_tokens + turn->usage.output_tokens;
      return turn;
    } catch (const std::exception& error) {  // llama.cpp and the containers may throw
      return failure(ErrorCode::internal,
                     std::string("the embedded model failed: ") + error.what());
    }
  }

  void cancel() override { runtime_->cancel(); }
  void uncancel() override { runtime_->uncancel(); }

 private:
  [[nodiscard]] Result<Asked> read_request(const ModelRequest& request,
                                           protocol::StreamListener* listener) const {
    if (auto checked = check(request); !checked) return std::unexpected(checked.error());
    Asked asked{.request = request,
                .questions = read_questions(request.messages),
                .tools = callable_tools(request),
                .listener = listener};
    if (asked.questions.empty()) return failure(ErrorCode::bad_input, "nothing was asked");
    if (asked.tools.empty() && request.mode == CallMode::any) {
      return failure(ErrorCode::bad_input,
                     "the model must call a function and there is none it may call");
    }
    return asked;
  }

  [[nodiscard]] bool may_call(const Asked& asked) const {
    return !asked.tools.empty() && asked.question().rounds.size() < options_.most_call_rounds;
  }

  [[nodiscard]] Result<ModelTurn> answer_question(const Asked& asked) {
    runtime_->adapt_threads();
    ModelTurn turn{.model = options_.path.stem().string()};
    if (may_call(asked)) {
      if (auto written = write_block(asked, turn); !written) {
        return std::unexpected(written.error());
      }
      if (!turn.calls.empty() || !turn.text.empty() || turn.finish != Finish::stop) return turn;
    }
    if (auto written = write_text(asked, turn); !written) {
      return std::unexpected(written.error());
    }
    return turn;
  }

  // Feeds a prompt whose parts change at different rates, and keeps the states of the first two.
  [[nodiscard]] Result<void> feed_calls(const CallsPrompt& prompt, ModelTurn& turn) {
    std::vector<Token> tokens;
    std::vector<std::size_t> lengths;
    for (const std::string& part : {prompt.fixed, prompt.tools, prompt.question}) {
      std::ranges::copy(runtime_->tokenize(part, true), std::back_inserter(tokens));
      lengths.push_back(tokens.size());
    }
    const auto beginning = [&](std::size_t length) { return std::span(tokens).first(length); };
    std::size_t from = 2;  // the first part that is not there yet
    while (from > 0 && !is_held(beginning(lengths[from - 1])) &&
           !states_.load(*runtime_, Sequence::calls, beginning(lengths[from - 1]))) {
      --from;
    }
    for (std::size_t part = from; part < lengths.size(); ++part) {
      const auto cached = runtime_->feed(Sequence::calls, beginning(lengths[part]));
      if (!cached) return std::unexpected(cached.error());
      if (part == from) turn.usage.cached_tokens += static_cast<std::int64_t>(*cached);
      if (part < 2) states_.save(*runtime_, Sequence::calls);
    }
    turn.usage.input_tokens += static_cast<std::int64_t>(tokens.size());
    return {};
  }

  [[nodiscard]] bool is_held(std::span<const Token> tokens) const {
    const std::span<const Token> held = runtime_->held(Sequence::calls);
    return held.size() >= tokens.size() && std::ranges::equal(held.first(tokens.size()), tokens);
  }

  // Fills `turn` from the block of calls, or of the one reply; with neither calls nor text when the
  // block asks for nothing new: a small model likes to repeat the calls whose results it has just
  // read.
  [[nodiscard]] Result<void> write_block(const Asked& asked, ModelTurn& turn) {
    const CallsPrompt prompt =
        write_calls_prompt(asked.tools, asked.request.system, asked.questions);
    if (auto fed = feed_calls(prompt, turn); !fed) return std::unexpected(fed.error());
    const auto grammar = choose_grammar(asked);
    if (!grammar) return std::unexpected(grammar.error());
    BlockReader reader(
        turn, asked.listener,
        [&](const call::Call& call) { return was_made(asked.question(), call); },
        count_calls(asked.questions) + 1);
    const GenerateOptions how{
        .grammar = *grammar,
        .most_tokens = most_tokens(asked.request),
        .is_complete = [&](std::string_view block) { return reader.show(block); }};
    const auto block = runtime_->generate(Sequence::calls, how);
    if (!block) return std::unexpected(block.error());
    note_end(*block, turn);
    return {};
  }

  // What may be written after the calls prompt: calls, a reply, or either. Once there are results
  // the model knows by itself when it is time to reply.
  [[nodiscard]] Result<std::string> choose_grammar(const Asked& asked) {
    if (!asked.question().rounds.empty()) return make_call_grammar(asked.tools);
    const GrammarOptions only_calls{.may_reply = false};
    if (asked.request.mode == CallMode::any) return make_call_grammar(asked.tools, only_calls);
    const auto margin = read_call_margin();
    if (!margin) return std::unexpected(margin.error());
    return *margin > kLeastCallMargin ? make_call_grammar(asked.tools, only_calls)
                                      : make_call_grammar({});
  }

  // How sure the model is that it will not reply. A boundary that is a token of its own follows the
  // name, so that no function's name is taken for it.
  [[nodiscard]] Result<double> read_call_margin() {
    const std::string opening = std::string(kReplyName) + "(" + std::string(kReplyKey);
    const auto score = runtime_->score(Sequence::calls, runtime_->tokenize(opening, false));
    if (!score) return std::unexpected(score.error());
    if (options_.on_log) {
      options_.on_log("call or reply: " + std::to_string(-*score) + ", a call above " +
                      std::to_string(kLeastCallMargin));
    }
    return -*score;
  }

  static void note_end(const Generated& written, ModelTurn& turn) {
    turn.usage.output_tokens += static_cast<std::int64_t>(written.tokens);
    if (!written.is_cut) return;
    turn.finish = Finish::length;
    turn.finish_detail = "not complete after " + std::to_string(written.tokens) + " tokens";
  }

  [[nodiscard]] Result<void> write_text(const Asked& asked, ModelTurn& turn) {
    const std::string prompt =
        write_text_prompt(asked.request.system, asked.questions, kMostResultBytes);
    const std::vector<Token> tokens = runtime_->tokenize(prompt, true);
    const auto cached = runtime_->feed(Sequence::text, tokens);
    if (!cached) return std::unexpected(cached.error());
    TextReader reader(asked.listener);
    const GenerateOptions how{.most_tokens = most_tokens(asked.request),
                              .is_complete = [&](std::string_view text) {
                                reader.show_bytes(text);
                                return false;
                              }};
    const auto text = runtime_->generate(Sequence::text, how);
    if (!text) return std::unexpected(text.error());
    turn.text = reader.text();
    note_end(*text, turn);
    turn.usage.input_tokens += static_cast<std::int64_t>(tokens.size());
    turn.usage.cached_tokens += static_cast<std::int64_t>(*cached);
    return {};
  }

  [[nodiscard]] std::size_t most_tokens(const ModelRequest& request) const {
    const auto asked = request.max_output_tokens.value_or(0);
    return asked > 0 ? static_cast<std::size_t>(asked) : options_.most_output_tokens;
  }

  const LocalModelOptions options_;
  const std::unique_ptr<LocalRuntime> runtime_;
  const StateFolder states_;
};

}  // namespace

Result<std::unique_ptr<Model>> open_local_model(LocalModelOptions options) {
  auto runtime = LocalRuntime::open({.path = options.path,
                                     .context_tokens = options.context_tokens,
                                     .threads = options.threads,
                                     .on_log = options.on_log});
  if (!runtime) return std::unexpected(runtime.error());
  return std::make_unique<LocalModel>(std::move(options), std::move(*runtime));
}

}  // namespace atonce::model
