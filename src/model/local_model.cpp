#include "model/local_model.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/grammar.h"
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

constexpr std::string_view kFence = "\n```";
constexpr std::size_t kMostResultBytes = 9000;  // a third to a half of the context

// A small model calls a function too readily. With this, and two files of tools, it still called
// for 19 of 19 questions that needed a function, and answered 12 instead of 7 of 19 that needed
// none.
constexpr float kReplyFavour = 1.5F;

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

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

class LocalModel final : public Model {
 public:
  LocalModel(LocalModelOptions options, std::unique_ptr<LocalRuntime> runtime)
      : options_(std::move(options)),
        runtime_(std::move(runtime)),
        states_(options_.state_folder, options_.path) {}

  [[nodiscard]] std::string_view name() const override { return options_.name; }

  [[nodiscard]] Result<ModelTurn> answer(const ModelRequest& request,
                                         protocol::StreamListener*) override {
    try {
      auto turn = answer_question(request);
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
  [[nodiscard]] Result<ModelTurn> answer_question(const ModelRequest& request) {
    const std::vector<Question> questions = read_questions(request.messages);
    if (questions.empty()) return failure(ErrorCode::bad_input, "nothing was asked");
    const std::vector<call::ToolSpec> tools = callable_tools(request);
    const bool must_call = request.mode == CallMode::any;
    if (tools.empty() && must_call) {
      return failure(ErrorCode::bad_input,
                     "the model must call a function and there is none it may call");
    }
    runtime_->adapt_threads();
    ModelTurn turn{.model = options_.path.stem().string()};
    const bool may_call =
        !tools.empty() && questions.back().rounds.size() < options_.most_call_rounds;
    if (may_call) {
      auto block = write_block(request, tools, questions, turn);
      if (!block) return std::unexpected(block.error());
      read_block(*block, questions, turn);
      if (!turn.calls.empty() || !turn.text.empty() || turn.finish != Finish::stop) return turn;
    }
    if (auto written = write_text(request, questions, turn); !written) {
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

  // The block of calls, or of the one reply, as the model writes it.
  [[nodiscard]] Result<Generated> write_block(const ModelRequest& request,
                                              std::span<const call::ToolSpec> tools,
                                              std::span<const Question> questions,
                                              ModelTurn& turn) {
    const bool has_results = !questions.back().rounds.empty();
    auto grammar =
        make_call_grammar(tools, {.may_reply = request.mode != CallMode::any || has_results});
    if (!grammar) return std::unexpected(grammar.error());
    if (auto fed = feed_calls(write_calls_prompt(tools, request.system, questions), turn); !fed) {
      return std::unexpected(fed.error());
    }
    const GenerateOptions how{
        .grammar = *grammar,
        .most_tokens = most_tokens(request),
        .favoured = kReplyName,
        .favour = has_results ? 0.0F : kReplyFavour,
        .is_complete = [](std::string_view text) { return text.ends_with(kFence); }};
    auto block = runtime_->generate(Sequence::calls, how);
    if (block) turn.usage.output_tokens += static_cast<std::int64_t>(block->tokens);
    return block;
  }

  // Fills `turn` from a block; with neither calls nor text when the block asks for nothing new.
  static void read_block(const Generated& block, std::span<const Question> questions,
                         ModelTurn& turn) {
    const bool is_reply = block.text.starts_with(kReplyName);
    auto calls = read_call_block(block.is_cut && is_reply ? block.text + "\")" : block.text);
    if (block.is_cut) {
      turn.finish = Finish::length;
      turn.finish_detail = "not complete after " + std::to_string(block.tokens) + " tokens";
    }
    if (is_reply && calls) turn.text = reply_text(calls->front());
    if (is_reply || block.is_cut) return;
    if (!calls) {
      turn.finish = Finish::malformed_call;
      turn.finish_detail = calls.error().message;
      return;
    }
    // A small model likes to repeat the calls whose results it has just read: that is no new wish.
    std::size_t number = count_calls(questions);
    for (call::Call& call : *calls) {
      if (was_made(questions.back(), call) || is_repeated(turn, call)) continue;
      call.id = "call_" + std::to_string(++number);
      turn.calls.push_back(std::move(call));
    }
  }

  static bool is_repeated(const ModelTurn& turn, const call::Call& call) {
    return std::ranges::any_of(turn.calls, [&](const call::Call& other) {
      return other.name == call.name && other.arguments == call.arguments;
    });
  }

  static std::string reply_text(const call::Call& reply) {
    const auto arguments = json::Document::parse(reply.arguments);
    const auto text = arguments ? arguments->root().find(kReplyKey) : std::nullopt;
    return std::string(text ? text->as_string().value_or("") : "");
  }

  [[nodiscard]] Result<void> write_text(const ModelRequest& request,
                                        std::span<const Question> questions, ModelTurn& turn) {
    const std::vector<Token> tokens =
        runtime_->tokenize(write_text_prompt(request.system, questions, kMostResultBytes), true);
    const auto cached = runtime_->feed(Sequence::text, tokens);
    if (!cached) return std::unexpected(cached.error());
    const auto text = runtime_->generate(Sequence::text, {.most_tokens = most_tokens(request)});
    if (!text) return std::unexpected(text.error());
    turn.text = trimmed(text->text);
    turn.finish = text->is_cut ? Finish::length : Finish::stop;
    turn.usage.input_tokens += static_cast<std::int64_t>(tokens.size());
    turn.usage.cached_tokens += static_cast<std::int64_t>(*cached);
    turn.usage.output_tokens += static_cast<std::int64_t>(text->tokens);
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
