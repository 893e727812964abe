// The function-calling loop against a scripted model and an engine made of a lambda.

#include "model/conversation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

namespace atonce::model {
namespace {

using protocol::CallMode;
using protocol::Finish;
using protocol::FunctionResults;
using protocol::ModelTurn;

// What a request said, kept beyond the call.
struct Seen {
  std::size_t messages;
  std::vector<std::string> tools;
  std::string system;
  CallMode mode;
};

// Answers what the test scripted, in order.
class ScriptedModel final : public Model {
 public:
  explicit ScriptedModel(std::deque<Result<ModelTurn>> answers) : answers_(std::move(answers)) {}

  [[nodiscard]] std::string_view name() const override { return "scripted"; }

  // Said to the listener of the next request before the answer is given.
  ModelTurn spoken;

  [[nodiscard]] Result<ModelTurn> answer(const protocol::ModelRequest& request,
                                         protocol::StreamListener* listener) override {
    Seen seen{request.messages.size(), {}, request.system, request.mode};
    for (const call::ToolSpec& tool : request.tools) seen.tools.push_back(tool.name);
    requests.push_back(std::move(seen));
    if (listener != nullptr) {
      if (!spoken.text.empty()) listener->on_text(spoken.text);
      for (const call::Call& call : spoken.calls) listener->on_call(call);
      spoken = {};
    }
    if (answers_.empty()) return failure(ErrorCode::internal, "the script is at its end");
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    if (!answer && answer.error() == never()) {
      is_cancelled_.wait(false);
      return failure(ErrorCode::cancelled, "cancelled");
    }
    return answer;
  }

  void cancel() override {
    was_cancelled = true;
    is_cancelled_ = true;
    is_cancelled_.notify_all();
  }
  void uncancel() override { is_cancelled_ = false; }

  // Waits for cancel(), as a model that never answers.
  [[nodiscard]] static Error never() { return {ErrorCode::internal, "never"}; }

  std::vector<Seen> requests;
  bool was_cancelled = false;

 private:
  std::deque<Result<ModelTurn>> answers_;
  std::atomic<bool> is_cancelled_ = false;
};

ModelTurn says(std::string text, Finish finish = Finish::stop) {
  return {.text = std::move(text), .finish = finish, .usage = {.input_tokens = 10}};
}

ModelTurn calls(const std::vector<std::string>& names, Finish finish = Finish::stop) {
  ModelTurn turn{.finish = finish, .usage = {.input_tokens = 10}};
  for (const std::string& name : names) {
    turn.calls.push_back(
        {.id = "id-" + std::to_string(turn.calls.size()), .name = name, .arguments = "{}"});
  }
  return turn;
}

std::vector<call::ToolSpec> tools() {
  std::vector<call::ToolSpec> specs(3);
  specs[0].name = "add";
  specs[1].name = "sub";
  specs[2].name = "wipe";
  specs[2].policy.needs_approval = true;
  return specs;
}

// A person who always says the same.
class Approver final : public Listener {
 public:
  bool approves(const call::Call& call) override {
    asked.push_back(call.name);
    return does_approve;
  }

  void on_message(const protocol::Message& /*message*/) override { ++messages; }
  void on_forgotten(std::size_t count) override { messages -= count; }

  bool does_approve = false;
  std::vector<std::string> asked;
  std::size_t messages = 0;  // in the history, as far as this was told
};

// A conversation with all that it needs. `ran` lists the calls that reached the engine.
struct Fixture {
  explicit Fixture(std::deque<Result<ModelTurn>> answers, ConversationOptions options = {})
      : model(std::move(answers)),
        conversation(
            model, specs, [this] { return std::make_unique<Runner>(*this); }, listener,
            std::move(options)) {}

  // Answers every call with 1.
  class Runner final : public TurnRunner {
   public:
    explicit Runner(Fixture& owner) : owner_(owner) {}
    void start(std::vector<call::Call> calls) override {
      for (call::Call& call : calls) {
        owner_.ran.push_back(call.name);
        call::Outcome outcome = call::Returned{"1"};
        if (owner_.refusal) outcome = call::NotStarted{owner_.refusal->message};
        reply_.calls.push_back({.call = std::move(call), .outcome = std::move(outcome)});
      }
    }
    call::Reply wait() override {
      if (owner_.on_run) owner_.on_run();
      return std::move(reply_);
    }
    void cancel() override {
      for (call::Finished& finished : reply_.calls) finished.outcome = call::Cancelled{};
    }

   private:
    Fixture& owner_;
    call::Reply reply_;
  };

  [[nodiscard]] const FunctionResults& results(std::size_t at) const {
    return std::get<FunctionResults>(conversation.history()[at]);
  }

  std::vector<call::ToolSpec> specs = tools();
  ScriptedModel model;
  Approver listener;
  std::vector<std::string> ran;
  std::optional<Error> refusal;
  std::function<void()> on_run;
  Conversation conversation;
};

TEST(Conversation, AnswersInWordsWithoutACall) {
  Fixture it({says("hello")});

  const Answer answer = it.conversation.ask({"hi"});

  EXPECT_EQ(answer.text, "hello");
  EXPECT_EQ(answer.ending, Ending::answered);
  EXPECT_TRUE(answer.turns.empty());
  EXPECT_EQ(it.conversation.history().size(), 2U);
}

TEST(Conversation, RunsAllCallsOfATurnAndGivesTheirOutcomesBackInOrder) {
  Fixture it({calls({"add", "sub", "add"}), says("done")});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(it.ran, (std::vector<std::string>{"add", "sub", "add"}));
  ASSERT_EQ(it.results(2).calls.size(), 3U);
  EXPECT_EQ(it.results(2).calls[1].call.name, "sub");
  EXPECT_EQ(it.results(2).calls[2].call.id, "id-2");
  EXPECT_EQ(answer.text, "done");
  EXPECT_EQ(answer.usage.input_tokens, 20);
}

TEST(Conversation, GoesOnThroughSequentialTurns) {
  Fixture it({calls({"add"}), calls({"sub"}), says("done")});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.turns.size(), 2U);
  EXPECT_EQ(it.model.requests.back().messages, 5U);
}

TEST(Conversation, AsksForAnyCallInTheFirstTurnOnly) {
  Fixture it({calls({"add"}), says("done")}, {.mode = CallMode::any});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_EQ(it.model.requests[0].mode, CallMode::any);
  EXPECT_EQ(it.model.requests[1].mode, CallMode::automatic);
}

TEST(Conversation, StopsAtTheLimitAndAnswersTheLastCallsAsNotStarted) {
  Fixture it({calls({"add"}), calls({"add", "sub"})}, {.max_turns = 2});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.ending, Ending::call_limit);
  EXPECT_EQ(it.ran, std::vector<std::string>{"add"});
  ASSERT_EQ(it.results(4).calls.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<call::NotStarted>(it.results(4).calls[1].outcome));
}

TEST(Conversation, DeclaresOnlyWhatIsAllowedAndNeverRunsAnythingElse) {
  Fixture it({calls({"sub", "add"}), says("done")}, {.allowed = {"add"}});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_EQ(it.model.requests[0].tools, std::vector<std::string>{"add"});
  EXPECT_EQ(it.ran, std::vector<std::string>{"add"});
  EXPECT_TRUE(std::holds_alternative<call::Invalid>(it.results(2).calls[0].outcome));
  EXPECT_TRUE(std::holds_alternative<call::Returned>(it.results(2).calls[1].outcome));
}

TEST(Conversation, SaysWhichAllowedNameIsNoTool) {
  Fixture it({}, {.allowed = {"ad"}});

  const auto checked = it.conversation.check();

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::bad_input);
  EXPECT_TRUE(checked.error().message.contains("`ad`"));
}

TEST(Conversation, LeavesAnUnknownToolToTheEngine) {
  Fixture it({calls({"nope"}), says("done")});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_EQ(it.ran, std::vector<std::string>{"nope"});
}

TEST(Conversation, RunsNoCallInModeNone) {
  Fixture it({calls({"add"}), says("done")}, {.mode = CallMode::none});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_TRUE(it.ran.empty());
  EXPECT_TRUE(std::holds_alternative<call::Invalid>(it.results(2).calls[0].outcome));
}

TEST(Conversation, RunsNothingThatTheProviderCallsUnexpected) {
  Fixture it({calls({"add"}, Finish::unexpected_call), says("done")});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_TRUE(it.ran.empty());
  EXPECT_EQ(it.results(2).calls.size(), 1U);
}

TEST(Conversation, RunsWhatNeedsAnApprovalOnlyWhenAPersonApproves) {
  for (const bool approves : {false, true}) {
    Fixture it({calls({"wipe", "add"}), says("done")}, {.streams = true});
    it.listener.does_approve = approves;
    it.model.spoken = calls({"wipe", "add"});

    static_cast<void>(it.conversation.ask({"compute"}));

    EXPECT_EQ(it.listener.asked, std::vector<std::string>{"wipe"});
    EXPECT_EQ(it.ran, approves ? (std::vector<std::string>{"add", "wipe"})
                               : std::vector<std::string>{"add"});
    const call::Outcome& outcome = it.results(2).calls[0].outcome;
    EXPECT_EQ(std::holds_alternative<call::NotStarted>(outcome), !approves);
    EXPECT_EQ(it.results(2).calls[0].call.name, "wipe");
  }
}

TEST(Conversation, AsksAgainWithAdviceAfterAMalformedCall) {
  Fixture it({says("", Finish::malformed_call), says("done")}, {.system = "Be brief."});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.text, "done");
  EXPECT_EQ(it.model.requests[0].system, "Be brief.");
  EXPECT_TRUE(it.model.requests[1].system.starts_with("Be brief.\n\n"));
  EXPECT_EQ(it.conversation.history().size(), 2U);
}

TEST(Conversation, GivesUpAfterBoundedRetriesOfAnEmptyAnswer) {
  Fixture it({says(""), says(""), says("")}, {.max_retries = 2});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.ending, Ending::empty);
  EXPECT_EQ(it.model.requests.size(), 3U);
  EXPECT_EQ(it.conversation.history().size(), 1U);  // a turn without parts cannot be sent again
}

TEST(Conversation, GoesOnWhenTheEngineRefusesATurn) {
  Fixture it({calls({"add", "sub"}), says("sorry")});
  it.refusal = Error{ErrorCode::overloaded, "the queue is full"};

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.text, "sorry");
  ASSERT_EQ(it.results(2).calls.size(), 2U);
  EXPECT_EQ(it.results(2).calls[1].outcome, call::Outcome{call::NotStarted{"the queue is full"}});
}

TEST(Conversation, KeepsWhatRanWhenTheModelFailsAfterwards) {
  Fixture it({calls({"add"}), failure(ErrorCode::unavailable, "503")});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.ending, Ending::failed);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->message, "503");
  ASSERT_EQ(answer.turns.size(), 1U);
  EXPECT_EQ(it.conversation.history().size(), 3U);
}

TEST(Conversation, EndsAsCancelledWithAResultForEveryCall) {
  Fixture it({calls({"add"}), says("never asked")});
  it.on_run = [&it] { it.conversation.cancel(); };

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.ending, Ending::cancelled);
  EXPECT_TRUE(it.model.was_cancelled);
  EXPECT_EQ(it.model.requests.size(), 1U);
  EXPECT_EQ(it.results(2).calls.size(), 1U);
}

TEST(Conversation, ReportsABlockedQuestionWithTheProvidersWords) {
  ModelTurn blocked = says("", Finish::blocked);
  blocked.finish_detail = "SAFETY";
  Fixture it({blocked});

  const Answer answer = it.conversation.ask({"?"});

  EXPECT_EQ(answer.ending, Ending::blocked);
  EXPECT_EQ(answer.detail, "SAFETY");
}

TEST(Conversation, StartsCallsWhileTheModelStillSpeaksAndRunsEachOnce) {
  Fixture it({calls({"add", "sub", "add"}), says("done")}, {.streams = true});
  it.model.spoken.calls = {calls({"add", "sub", "add"}).calls[2], calls({"add"}).calls[0]};

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_EQ(it.ran, (std::vector<std::string>{"add", "add", "sub"}));
  ASSERT_EQ(it.results(2).calls.size(), 3U);
  EXPECT_EQ(it.results(2).calls[0].call.id, "id-0");
  EXPECT_EQ(it.results(2).calls[1].call.id, "id-1");
  EXPECT_EQ(it.results(2).calls[2].call.id, "id-2");
}

TEST(Conversation, StartsNothingEarlyThatMayNotRun) {
  Fixture it({calls({"wipe", "sub"}), says("done")}, {.allowed = {"add", "wipe"}, .streams = true});
  it.model.spoken = calls({"wipe", "sub"});

  static_cast<void>(it.conversation.ask({"compute"}));

  EXPECT_TRUE(it.ran.empty());
  EXPECT_EQ(it.results(2).calls.size(), 2U);
}

TEST(Conversation, ReportsWhatHadStartedWhenTheAnswerBreaksOff) {
  Fixture it({failure(ErrorCode::bad_response, "closed")}, {.streams = true});
  it.model.spoken = calls({"add"});

  const Answer answer = it.conversation.ask({"compute"});

  EXPECT_EQ(answer.ending, Ending::failed);
  ASSERT_EQ(answer.turns.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<call::Cancelled>(answer.turns[0].calls[0].outcome));
  EXPECT_EQ(it.conversation.history().size(), 1U);  // no turn of the model that lacks its results
}

TEST(Conversation, GivesUpAQuestionWhoseTimeIsOverAndTakesTheNext) {
  Fixture it({std::unexpected(ScriptedModel::never()), says("hello")},
             {.time_limit = std::chrono::milliseconds(200)});

  const Answer late = it.conversation.ask({"hi"});
  const Answer next = it.conversation.ask({"still there?"});

  EXPECT_EQ(late.ending, Ending::time_limit);
  EXPECT_FALSE(late.error);
  EXPECT_EQ(next.text, "hello");
}

TEST(Conversation, TakesTheNextQuestionAfterACancelThatIsTakenBack) {
  Fixture it({calls({"add"}), says("hello")});
  it.on_run = [&it] { it.conversation.cancel(); };

  const Answer cancelled = it.conversation.ask({"compute"});
  it.on_run = nullptr;
  const Answer refused = it.conversation.ask({"hi"});
  it.conversation.uncancel();
  const Answer answered = it.conversation.go_on();

  EXPECT_EQ(cancelled.ending, Ending::cancelled);
  EXPECT_EQ(refused.ending, Ending::cancelled);
  EXPECT_EQ(answered.text, "hello");
  EXPECT_EQ(it.conversation.history().size(), 5U);
}

TEST(Conversation, AsksTheNewestQuestionAgain) {
  Fixture it({says("one"), calls({"add"}), says("two"), says("better")});
  static_cast<void>(it.conversation.ask({"first"}));
  static_cast<void>(it.conversation.ask({"second"}));

  ASSERT_TRUE(it.conversation.forget_answer());
  const Answer answer = it.conversation.go_on();

  EXPECT_EQ(answer.text, "better");
  EXPECT_EQ(it.model.requests.back().messages, 3U);
  EXPECT_EQ(it.listener.messages, it.conversation.history().size());
}

TEST(Conversation, HasNothingToForgetBeforeAQuestion) {
  Fixture it({});

  EXPECT_FALSE(it.conversation.forget_answer());
}

TEST(Conversation, AnswersCallsThatAnInterruptedConversationLeftOpen) {
  Fixture it({says("I do not know")});

  it.conversation.resume({protocol::UserText{"compute"}, calls({"add", "sub"})});
  const Answer answer = it.conversation.go_on();

  EXPECT_EQ(answer.text, "I do not know");
  ASSERT_EQ(it.results(2).calls.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<call::Interrupted>(it.results(2).calls[1].outcome));
  EXPECT_TRUE(it.ran.empty());
}

TEST(Conversation, GoesOnWithAnotherModel) {
  Fixture it({says("from the first")});
  ScriptedModel other({says("from the second")});
  static_cast<void>(it.conversation.ask({"hi"}));

  it.conversation.set_model(other);
  const Answer answer = it.conversation.ask({"again"});

  EXPECT_EQ(answer.text, "from the second");
  EXPECT_EQ(other.requests.front().messages, 3U);
}

}  // namespace
}  // namespace atonce::model
