// Whatever a conversation goes through, every request that its loop makes keeps the rules of every
// provider. 200 random conversations with a model that answers over all wires at random, each
// request of which is written for each wire and checked (protocol/request_rules.h). A failure names
// the seed of its conversation.

#include <gtest/gtest.h>

#include <set>

#include "model/conversation.h"
#include "model/history.h"
#include "model/random_answers.h"
#include "protocol/gemini.h"
#include "protocol/interactions.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_responses.h"
#include "protocol/request_rules.h"

namespace atonce::model {
namespace {

namespace rules = protocol::rules;
using protocol::CallMode;
using protocol::FunctionResults;
using protocol::Message;
using protocol::ModelRequest;
using protocol::ModelTurn;
using protocol::Wire;

constexpr unsigned kHistories = 200;

// What has happened in all conversations, so that a generator that has fallen asleep is noticed.
using Sights = std::set<std::string, std::less<>>;

std::vector<call::ToolSpec> make_tools() {
  std::vector<call::ToolSpec> tools;
  for (const std::string name : {"add", "sub", "wipe"}) {
    call::ToolSpec tool{.name = name, .description = name, .input_schema = "{}"};
    tool.declarations[static_cast<std::size_t>(call::Dialect::gemini)] =
        R"({"name":")" + name + R"(","description":"d","parametersJsonSchema":{"type":"object",)" +
        R"("properties":{},"required":[]}})";
    tool.declarations[static_cast<std::size_t>(call::Dialect::openai)] =
        R"({"type":"function","function":{"name":")" + name + R"("}})";
    tool.policy.needs_approval = name == "wipe";
    tools.push_back(std::move(tool));
  }
  return tools;
}

// Writes a request for every wire and checks it.
class Examiner final {
 public:
  void remember(const RandomAnswer& answer) {
    const ModelTurn& turn = *answer.turn;
    if (answer.verbatim.empty()) return;
    verbatim_[turn.raw_content] = answer.verbatim;
    if (turn.response_id.empty()) return;
    std::vector<std::string>& ids = kept_[turn.response_id];
    for (const call::Call& call : turn.calls) ids.push_back(call.id);
  }

  void examine(const ModelRequest& request) const {
    // The older model takes images as text.
    for (const char* model : {"gemini-2.5-flash", "gemini-3-flash"}) {
      const std::string body = protocol::gemini::write_request(request, {.model = model});
      expect_good(body, rules::check_gemini(body), verbatim(request, Wire::gemini));
    }
    const std::string chat = protocol::openai_chat::write_request(request, {.model = "m"});
    expect_good(chat, rules::check_chat(chat), verbatim(request, Wire::openai_chat));
    for (const bool is_stateful : {false, true}) {
      const std::string responses = protocol::openai_responses::write_request(
          request, {.model = "m", .is_stateful = is_stateful});
      const std::string interactions = protocol::interactions::write_request(
          request, {.model = "m", .is_stateful = is_stateful});
      expect_good(responses, rules::check_responses(responses, kept_),
                  is_stateful ? Pieces{} : verbatim(request, Wire::openai_responses));
      expect_good(interactions, rules::check_interactions(interactions, kept_),
                  is_stateful ? Pieces{} : verbatim(request, Wire::interactions));
    }
  }

 private:
  using Pieces = std::vector<std::string>;

  static void expect_good(const std::string& body, const rules::Problems& problems,
                          const Pieces& pieces) {
    EXPECT_EQ(problems, rules::Problems{}) << body;
    EXPECT_EQ(rules::find_missing(body, pieces), "") << body;
  }

  // What the request has to hold byte for byte over this wire.
  [[nodiscard]] Pieces verbatim(const ModelRequest& request, Wire wire) const {
    Pieces pieces;
    for (const Message& message : request.messages) {
      const auto* turn = std::get_if<ModelTurn>(&message);
      if (turn == nullptr || turn->wire != wire) continue;
      const auto found = verbatim_.find(turn->raw_content);
      if (found == verbatim_.end()) continue;
      pieces.insert(pieces.end(), found->second.begin(), found->second.end());
    }
    return pieces;
  }

  std::map<std::string, Pieces> verbatim_;  // by the raw content of a turn
  rules::Kept kept_;
};

// One conversation: the model, the engine and the person, all of them the same dice.
class World final : public Model, public Listener {
 public:
  World(unsigned seed, Sights& sights)
      : random_(seed),
        sights_(sights),
        conversation_(
            *this, tools_, [this] { return std::make_unique<Runner>(*this); }, *this,
            random_options(random_)) {}

  void live() {
    const std::size_t questions = 1 + random_.below(3);
    for (std::size_t at = 0; at < questions; ++at) {
      Answer answer = conversation_.ask(random_question(at));
      conclude(answer);
      if (random_.chance(20) && conversation_.forget_answer()) {
        sights_.insert("forgotten");
        conclude(conversation_.go_on());
      } else if (awaits_answer(conversation_.history()) && random_.chance(40)) {
        sights_.insert("went on");
        conclude(conversation_.go_on());
      }
    }
  }

  // Lives on from where a program may have ended, which is anywhere.
  void resume(std::span<const Message> history, const Examiner& examiner) {
    const auto from = history.first(random_.below(history.size() + 1));
    examiner_ = examiner;
    conversation_.resume({from.begin(), from.end()});
    number_ = 1'000;
    live();
  }

  [[nodiscard]] std::span<const Message> history() const { return conversation_.history(); }
  [[nodiscard]] const Examiner& examiner() const { return examiner_; }

  [[nodiscard]] std::string_view name() const override { return "dice"; }

  [[nodiscard]] Result<ModelTurn> answer(const ModelRequest& request,
                                         protocol::StreamListener* listener) override {
    examiner_.examine(request);
    RandomAnswer answer = random_answer(random_, ++number_);
    if (random_.chance(3)) conversation_.cancel();
    if (!answer.turn) return answer.turn;
    const bool breaks_off = listener != nullptr && random_.chance(5);
    if (listener != nullptr) speak(*answer.turn, *listener);
    if (breaks_off) return failure(ErrorCode::bad_response, "the stream broke off");
    examiner_.remember(answer);
    note(*answer.turn);
    return answer.turn;
  }

  void cancel() override {}
  void uncancel() override {}

  bool approves(const call::Call& /*call*/) override { return random_.chance(50); }

 private:
  class Runner final : public TurnRunner {
   public:
    explicit Runner(World& world) : world_(world) {}
    void start(std::vector<call::Call> calls) override {
      for (call::Call& call : calls) {
        reply_.calls.push_back(
            {.call = std::move(call), .outcome = random_outcome(world_.random_)});
        world_.sights_.insert(std::string(name_of(reply_.calls.back().outcome)));
      }
    }
    call::Reply wait() override {
      if (world_.random_.chance(5)) world_.conversation_.cancel();
      return std::move(reply_);
    }
    void cancel() override {
      for (call::Finished& finished : reply_.calls) finished.outcome = call::Cancelled{};
    }

   private:
    World& world_;
    call::Reply reply_;
  };

  protocol::UserText random_question(std::size_t at) {
    protocol::UserText question{.text = "question " + std::to_string(at)};
    if (random_.chance(20)) {
      sights_.insert("a file");
      question.files.push_back({.name = "a.png", .media_type = "image/png", .data = "AAAA"});
    }
    return question;
  }

  static ConversationOptions random_options(Random& random) {
    ConversationOptions options{
        .system = random.chance(30) ? "Be brief." : "",
        .mode = random.pick({CallMode::automatic, CallMode::automatic, CallMode::any,
                             CallMode::none, CallMode::validated}),
        .max_turns = 1 + random.below(6),
        .max_retries = random.below(3),
        .streams = random.chance(50)};
    if (random.chance(20)) options.allowed = {"add"};
    if (random.chance(10)) options.allowed = {"add", "sub"};
    return options;
  }

  // Tells some of the calls before the answer is whole, in any order.
  void speak(const ModelTurn& turn, protocol::StreamListener& listener) {
    if (!turn.text.empty()) listener.on_text(turn.text);
    if (turn.finish == protocol::Finish::unexpected_call) return;
    for (std::size_t at = turn.calls.size(); at-- > 0;) {
      if (random_.chance(50)) listener.on_call(turn.calls[at]);
    }
  }

  void note(const ModelTurn& turn) {
    if (turn.calls.empty()) return;
    sights_.insert("calls over wire " + std::to_string(static_cast<int>(turn.wire)));
    if (!turn.text.empty()) sights_.insert("text beside calls");
    if (turn.calls.size() == 6) sights_.insert("six calls");
  }

  // The history as it is after a question, and the request that it would make.
  void conclude(const Answer& answer) {
    sights_.insert(std::string(name_of(answer.ending)));
    if (answer.ending == Ending::cancelled) conversation_.uncancel();
    const std::span<const Message> all = conversation_.history();
    for (std::size_t at = 0; at < all.size(); ++at) {
      const auto* turn = std::get_if<ModelTurn>(&all[at]);
      if (turn == nullptr || turn->calls.empty()) continue;
      ASSERT_LT(at + 1, all.size()) << "calls without results at the end";
      const auto* results = std::get_if<FunctionResults>(&all[at + 1]);
      ASSERT_NE(results, nullptr) << "no results after message " << at;
      ASSERT_EQ(results->calls.size(), turn->calls.size());
      for (std::size_t call = 0; call < turn->calls.size(); ++call) {
        EXPECT_EQ(results->calls[call].call, turn->calls[call]);
      }
    }
    if (awaits_answer(all)) examiner_.examine(conversation_.request());
  }

  Random random_;
  Sights& sights_;
  const std::vector<call::ToolSpec> tools_ = make_tools();
  Examiner examiner_;
  std::size_t number_ = 0;  // of the answer
  Conversation conversation_;
};

TEST(History, MakesOnlyRequestsThatEveryProviderTakes) {
  Sights sights;
  for (unsigned seed = 1; seed <= kHistories && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("the conversation of seed " + std::to_string(seed));
    World world(seed, sights);
    world.live();
    if (seed % 4 != 0) continue;
    World later(seed + kHistories, sights);
    later.resume(world.history(), world.examiner());
  }

  for (const char* wanted : {"answered",          "call_limit",
                             "blocked",           "length",
                             "malformed",         "empty",
                             "cancelled",         "failed",
                             "returned",          "raised",
                             "invalid",           "timed_out",
                             "not_started",       "interrupted",
                             "forgotten",         "went on",
                             "calls over wire 0", "calls over wire 1",
                             "calls over wire 2", "calls over wire 3",
                             "calls over wire 4", "text beside calls",
                             "six calls",         "a file"}) {
    EXPECT_TRUE(sights.contains(wanted)) << "no conversation had: " << wanted;
  }
}

}  // namespace
}  // namespace atonce::model
