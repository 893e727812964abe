#include "model/conversation.h"

#include <algorithm>
#include <utility>

#include "model/alarm.h"
#include "model/history.h"
#include "model/turn_calls.h"

namespace atonce::model {
namespace {

using protocol::CallMode;
using protocol::Finish;
using protocol::ModelTurn;

// What a model that wrote a call as code or prose is told when it is asked once more.
constexpr std::string_view kRepairAdvice =
    "To use a function, emit a function call with JSON arguments: no code, no `default_api` "
    "prefix.";

std::string listed(std::span<const call::ToolSpec> tools) {
  std::string text;
  for (const call::ToolSpec& tool : tools) text += (text.empty() ? "`" : ", `") + tool.name + "`";
  return text.empty() ? "none" : text;
}

const call::ToolSpec* find_tool(std::span<const call::ToolSpec> tools, std::string_view name) {
  const auto at = std::ranges::find(tools, name, &call::ToolSpec::name);
  return at == tools.end() ? nullptr : &*at;
}

bool is_empty(const ModelTurn& turn) { return turn.text.empty() && turn.calls.empty(); }

Answer& end_failed(Answer& answer, Error error) {
  answer.ending = error.code == ErrorCode::cancelled ? Ending::cancelled : Ending::failed;
  answer.error = std::move(error);
  return answer;
}

call::Outcome unexpected(const call::Call& call) {
  return call::Invalid{.type = "unexpected_call",
                       .message = "`" + call.name + "` may not be called now; answer in words"};
}

Answer& end_at_limit(Answer& answer, std::size_t most_turns) {
  answer.ending = Ending::call_limit;
  answer.detail = "the model still called functions in turn " + std::to_string(most_turns);
  return answer;
}

}  // namespace

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::answered: return "answered";
    case Ending::call_limit: return "call_limit";
    case Ending::time_limit: return "time_limit";
    case Ending::blocked: return "blocked";
    case Ending::length: return "length";
    case Ending::malformed: return "malformed";
    case Ending::empty: return "empty";
    case Ending::cancelled: return "cancelled";
    case Ending::failed: return "failed";
  }
  return "";
}

// What the model says while it still speaks.
class Conversation::Turn final : public protocol::StreamListener {
 public:
  Turn(Conversation& owner, bool is_last)
      : owner_(owner), is_last_(is_last), calls_(owner.open_turn_()) {
    const std::lock_guard lock(owner_.running_mutex_);
    owner_.running_ = this;
    if (owner_.is_stopped()) calls_.cancel();
  }
  ~Turn() override {
    const std::lock_guard lock(owner_.running_mutex_);
    owner_.running_ = nullptr;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void on_text(std::string_view piece) override { owner_.listener_.on_text(piece); }
  void on_call(const call::Call& call) override {
    // A person is asked once the model has said all, so that the question stands alone.
    const bool may_start = !is_last_ && !owner_.needs_approval(call);
    if (may_start && !owner_.find_objection(call)) calls_.start(call);
  }

  [[nodiscard]] call::Reply run(const ModelTurn& turn) {
    owner_.listener_.on_calls_starting(turn.calls.size());
    return calls_.run(turn.calls, [&](const call::Call& call) { return object(call, turn); });
  }

  // What became of the calls that were started when no whole answer came.
  [[nodiscard]] std::optional<call::Reply> give_up() {
    return calls_.has_started() ? std::optional(calls_.give_up()) : std::nullopt;
  }

  void cancel() { calls_.cancel(); }  // from any thread

 private:
  [[nodiscard]] std::optional<call::Outcome> object(const call::Call& call,
                                                    const ModelTurn& turn) const {
    if (is_last_) {
      return call::NotStarted{"the limit of " + std::to_string(owner_.options_.max_turns) +
                              " turns was reached"};
    }
    if (turn.finish == Finish::unexpected_call) return unexpected(call);
    if (auto objection = owner_.find_objection(call)) return objection;
    if (owner_.is_stopped()) return call::Cancelled{};
    if (!owner_.needs_approval(call) || owner_.listener_.approves(call)) return std::nullopt;
    return call::NotStarted{"the person who was asked did not approve `" + call.name + "`"};
  }

  Conversation& owner_;
  const bool is_last_;
  TurnCalls calls_;
};

Conversation::Conversation(Model& model, std::span<const call::ToolSpec> tools, OpenTurn open_turn,
                           Listener& listener, ConversationOptions options)
    : model_(&model),
      tools_(tools),
      open_turn_(std::move(open_turn)),
      listener_(listener),
      options_(std::move(options)) {
  std::ranges::copy_if(tools, std::back_inserter(declared_), [this](const call::ToolSpec& tool) {
    const auto& allowed = options_.allowed;
    return allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end();
  });
}

void Conversation::resume(std::vector<protocol::Message> history) {
  history_ = std::move(history);
  if (auto results = missing_results(history_)) keep(*std::move(results));
}

Result<void> Conversation::check(const protocol::UserText& question) const {
  for (const std::string& name : options_.allowed) {
    if (find_tool(tools_, name) != nullptr) continue;
    return failure(ErrorCode::bad_input, "there is no tool `" + name + "` to allow",
                   "the tools are " + listed(tools_));
  }
  const protocol::Message message = question;
  protocol::ModelRequest asked = request();
  asked.messages = std::span(&message, 1);
  return model_->check(asked);
}

void Conversation::cancel() { stop(Stop::cancelled); }

void Conversation::uncancel() {
  stop_.store(Stop::none);
  model_->uncancel();
}

void Conversation::stop(Stop why) {
  Stop none = Stop::none;
  stop_.compare_exchange_strong(none, why);
  model_->cancel();
  const std::lock_guard lock(running_mutex_);
  if (running_ != nullptr) running_->cancel();
}

void Conversation::keep(protocol::Message message) {
  history_.push_back(std::move(message));
  listener_.on_message(history_.back());
}

bool Conversation::forget_answer() {
  const auto count = count_after_question(history_);
  if (!count) return false;
  history_.resize(history_.size() - *count);
  if (*count > 0) listener_.on_forgotten(*count);
  return true;
}

Answer Conversation::ask(protocol::UserText question) {
  keep(std::move(question));
  return go_on();
}

Answer Conversation::go_on() {
  Answer answer;
  {
    const Alarm alarm(options_.time_limit, [this] { stop(Stop::late); });
    answer = take_turns();
  }
  if (stop_.load() != Stop::late) return answer;
  uncancel();
  if (answer.ending != Ending::cancelled) return answer;  // it was done at the last moment
  answer.ending = Ending::time_limit;
  answer.error = std::nullopt;
  return answer;
}

Answer Conversation::take_turns() {
  Answer answer;
  std::size_t retries_left = options_.max_retries;
  bool is_retry = false;
  for (std::size_t number = 1; number <= options_.max_turns; ++number) {
    const bool is_last = number == options_.max_turns;
    Turn running(*this, is_last);
    auto turn = ask_model(number, is_retry, running);
    if (!turn) {
      if (auto reply = running.give_up()) answer.turns.push_back(*std::move(reply));
      return end_failed(answer, turn.error());
    }
    answer.usage += turn->usage;
    if (!turn->model.empty()) answer.model = turn->model;
    is_retry = !is_last && retries(*turn, retries_left);
    if (is_retry) continue;
    if (!is_empty(*turn)) keep(*turn);  // providers refuse a content without parts
    if (turn->calls.empty()) return conclude(*turn, answer), answer;
    if (!keep_results(running.run(*turn), answer)) return answer;
  }
  return end_at_limit(answer, options_.max_turns);
}

protocol::ModelRequest Conversation::request() const {
  return {.messages = history_,
          .tools = declared_,
          .system = options_.system,
          .mode = options_.mode,
          .allowed = options_.allowed,
          .provider_tools = options_.provider_tools,
          .temperature = options_.temperature};
}

Result<ModelTurn> Conversation::ask_model(std::size_t number, bool is_retry, Turn& turn) {
  if (is_stopped()) return failure(ErrorCode::cancelled, "the conversation was cancelled");
  protocol::ModelRequest asked = request();
  if (number > 1 && asked.mode == CallMode::any) asked.mode = CallMode::automatic;
  if (is_retry) {
    asked.system += asked.system.empty() ? "" : "\n\n";
    asked.system += kRepairAdvice;
  }
  listener_.on_asking(number);
  auto answered = model_->answer(asked, options_.streams ? &turn : nullptr);
  listener_.on_answered();
  return answered;
}

// Models now and then write a call that cannot be read, or say nothing at all; asked again they do
// better.
bool Conversation::retries(const ModelTurn& turn, std::size_t& left) const {
  const bool is_malformed = turn.finish == Finish::malformed_call;
  const bool is_silent = turn.finish == Finish::stop && is_empty(turn);
  if (left == 0 || !turn.calls.empty() || !(is_malformed || is_silent)) return false;
  --left;
  return true;
}

void Conversation::conclude(const ModelTurn& turn, Answer& answer) {
  answer.text = turn.text;
  answer.detail = turn.finish_detail;
  switch (turn.finish) {
    case Finish::stop: answer.ending = is_empty(turn) ? Ending::empty : Ending::answered; return;
    case Finish::length: answer.ending = Ending::length; return;
    case Finish::blocked: answer.ending = Ending::blocked; return;
    case Finish::malformed_call:
    case Finish::unexpected_call: answer.ending = Ending::malformed; return;
    case Finish::other: answer.ending = is_empty(turn) ? Ending::blocked : Ending::answered; return;
  }
}

// Whether the conversation may go on.
bool Conversation::keep_results(call::Reply reply, Answer& answer) {
  keep(protocol::FunctionResults{reply.calls});
  listener_.on_calls_done(reply);
  answer.turns.push_back(std::move(reply));
  if (!is_stopped()) return true;
  answer.ending = Ending::cancelled;
  return false;
}

std::optional<call::Outcome> Conversation::find_objection(const call::Call& call) const {
  if (options_.mode == CallMode::none) return unexpected(call);
  const call::ToolSpec* const tool = find_tool(tools_, call.name);
  if (tool == nullptr) return std::nullopt;  // the engine says what is known instead
  if (find_tool(declared_, call.name) == nullptr) {
    return call::Invalid{
        .type = "unknown_tool",
        .message = "`" + call.name + "` may not be called; allowed: " + listed(declared_)};
  }
  return std::nullopt;
}

bool Conversation::needs_approval(const call::Call& call) const {
  const call::ToolSpec* const tool = find_tool(tools_, call.name);
  return tool != nullptr && tool->policy.needs_approval;
}

}  // namespace atonce::model
