#include "model/conversation.h"

#include <algorithm>
#include <utility>

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

}  // namespace

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::answered: return "answered";
    case Ending::call_limit: return "call_limit";
    case Ending::blocked: return "blocked";
    case Ending::length: return "length";
    case Ending::malformed: return "malformed";
    case Ending::empty: return "empty";
    case Ending::cancelled: return "cancelled";
    case Ending::failed: return "failed";
  }
  return "";
}

Conversation::Conversation(Model& model, std::span<const call::ToolSpec> tools, RunCalls run_calls,
                           Listener& listener, ConversationOptions options)
    : model_(model),
      tools_(tools),
      run_calls_(std::move(run_calls)),
      listener_(listener),
      options_(std::move(options)) {
  std::ranges::copy_if(tools, std::back_inserter(declared_), [this](const call::ToolSpec& tool) {
    const auto& allowed = options_.allowed;
    return allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end();
  });
}

Result<void> Conversation::check() const {
  for (const std::string& name : options_.allowed) {
    if (find_tool(tools_, name) != nullptr) continue;
    return failure(ErrorCode::bad_input, "there is no tool `" + name + "` to allow",
                   "the tools are " + listed(tools_));
  }
  return {};
}

void Conversation::cancel() {
  is_cancelled_.store(true);
  model_.cancel();
}

Answer Conversation::ask(std::string question) {
  history_.push_back(protocol::UserText{std::move(question)});
  Answer answer;
  std::size_t retries_left = options_.max_retries;
  bool is_retry = false;
  for (std::size_t number = 1; number <= options_.max_turns; ++number) {
    auto turn = ask_model(number, is_retry);
    if (!turn) return end_failed(answer, turn.error());
    answer.usage += turn->usage;
    if (!turn->model.empty()) answer.model = turn->model;
    is_retry = number < options_.max_turns && retries(*turn, retries_left);
    if (is_retry) continue;
    if (!is_empty(*turn)) history_.push_back(*turn);  // providers refuse a content without parts
    if (turn->calls.empty()) return conclude(*turn, answer), answer;
    if (!run_turn(*turn, number == options_.max_turns, answer)) return answer;
  }
  answer.ending = Ending::call_limit;
  answer.detail = "the model still called functions in turn " + std::to_string(options_.max_turns);
  return answer;
}

Result<ModelTurn> Conversation::ask_model(std::size_t turn, bool is_retry) {
  if (is_cancelled()) return failure(ErrorCode::cancelled, "the conversation was cancelled");
  protocol::ModelRequest request{.messages = history_,
                                 .tools = declared_,
                                 .system = options_.system,
                                 .mode = options_.mode,
                                 .allowed = options_.allowed,
                                 .temperature = options_.temperature};
  if (turn > 1 && request.mode == CallMode::any) request.mode = CallMode::automatic;
  if (is_retry) {
    request.system += request.system.empty() ? "" : "\n\n";
    request.system += kRepairAdvice;
  }
  listener_.on_asking(turn);
  auto answered = model_.answer(request, nullptr);
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
bool Conversation::run_turn(const ModelTurn& turn, bool is_last, Answer& answer) {
  auto reply = run_allowed(turn, is_last);
  if (!reply) {
    // The engine refused the whole turn; the model's calls must have results all the same.
    call::Reply none;
    for (const call::Call& call : turn.calls) {
      none.calls.push_back({.call = call, .outcome = call::NotStarted{reply.error().message}});
    }
    history_.push_back(protocol::FunctionResults{none.calls});
    answer.turns.push_back(std::move(none));
    return end_failed(answer, reply.error()), false;
  }
  history_.push_back(protocol::FunctionResults{reply->calls});
  listener_.on_calls_done(*reply);
  answer.turns.push_back(*std::move(reply));
  if (!is_cancelled()) return true;
  answer.ending = Ending::cancelled;
  return false;
}

// Runs those calls that may run, all at once; the others get their outcomes here.
Result<call::Reply> Conversation::run_allowed(const ModelTurn& turn, bool is_last) {
  std::vector<std::optional<call::Outcome>> objections;
  call::Plan plan;
  for (const call::Call& call : turn.calls) {
    objections.push_back(find_objection(call, turn, is_last));
    if (!objections.back()) plan.calls.push_back(call);
  }
  call::Reply ran;
  if (!plan.calls.empty()) {
    auto reply = run_calls_(std::move(plan));
    if (!reply) return reply;
    ran = *std::move(reply);
  }
  call::Reply all{.calls = {}, .elapsed = ran.elapsed};
  auto next = ran.calls.begin();
  for (std::size_t at = 0; at < turn.calls.size(); ++at) {
    if (objections[at]) {
      all.calls.push_back({.call = turn.calls[at], .outcome = *std::move(objections[at])});
    } else {
      all.calls.push_back(std::move(*next++));
    }
  }
  return all;
}

std::optional<call::Outcome> Conversation::find_objection(const call::Call& call,
                                                          const ModelTurn& turn,
                                                          bool is_last) const {
  if (is_last) {
    return call::NotStarted{"the limit of " + std::to_string(options_.max_turns) +
                            " turns was reached"};
  }
  if (options_.mode == CallMode::none || turn.finish == Finish::unexpected_call) {
    return call::Invalid{.type = "unexpected_call",
                         .message = "`" + call.name + "` may not be called now; answer in words"};
  }
  const call::ToolSpec* const tool = find_tool(tools_, call.name);
  if (tool == nullptr) return std::nullopt;  // the engine says what is known instead
  if (find_tool(declared_, call.name) == nullptr) {
    return call::Invalid{
        .type = "unknown_tool",
        .message = "`" + call.name + "` may not be called; allowed: " + listed(declared_)};
  }
  if (tool->policy.needs_approval) {
    return call::NotStarted{"`" + call.name +
                            "` needs a person's approval, and nobody can be asked here"};
  }
  return std::nullopt;
}

}  // namespace atonce::model
