// The embedded model streaming, in each mode, over several rounds: needs its file in the cache
// (tools/fetch_model.sh) and skips without.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/local_meetup.h"

namespace atonce::model {
namespace {

using protocol::CallMode;
using protocol::Message;
using protocol::ModelRequest;
using protocol::ModelTurn;
using protocol::UserText;

constexpr const char* kTwoCalls =
    "How many people came to the meetup in March, and how much is 500 AUD in SEK?";

class Told final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override {
    EXPECT_EQ(json::to_valid_utf8(piece), piece);
    text += piece;
    ++pieces;
  }
  void on_call(const call::Call& call) override {
    calls.push_back(call);
    if (stops != nullptr) stops->cancel();
  }

  Model* stops = nullptr;  // cancelled at the first call
  std::string text;
  std::size_t pieces = 0;
  std::vector<call::Call> calls;
};

using LocalModelStreaming = LocalModelTest;
using LocalModelModes = LocalModelTest;

TEST_F(LocalModelStreaming, TellsTheCallsAsTheyAreInTheTurn) {
  const auto model = open();
  Told told;

  const ModelTurn turn = ask(*model, {UserText{kTwoCalls}}, {}, &told);

  EXPECT_GE(turn.calls.size(), 2U);
  EXPECT_EQ(told.calls, turn.calls);
  EXPECT_TRUE(told.text.empty()) << told.text;
}

TEST_F(LocalModelStreaming, TellsACallBeforeTheNextOneIsWritten) {
  const auto model = open();
  const std::vector<Message> messages{UserText{kTwoCalls}};
  ModelRequest request;
  request.messages = messages;
  request.tools = meetup();
  Told told;
  told.stops = model.get();

  const auto turn = model->answer(request, &told);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::cancelled);
  EXPECT_EQ(told.calls.size(), 1U);
}

TEST_F(LocalModelStreaming, TellsTheTextOfAReplyAndOfAPlainAnswerInPieces) {
  const auto model = open();
  Told reply;
  Told answer;

  const ModelTurn replied = ask(*model, {UserText{"Good morning!"}}, {}, &reply);
  const ModelTurn answered =
      ask(*model, {UserText{"Name three colours."}}, in_mode(CallMode::none), &answer);

  EXPECT_EQ(reply.text, replied.text);
  EXPECT_EQ(answer.text, answered.text);
  EXPECT_GT(reply.pieces, 2U);
  EXPECT_GT(answer.pieces, 2U);
}

TEST_F(LocalModelModes, ValidatedCallsAndRepliesAsAutomaticDoes) {
  const auto model = open();

  const ModelTurn call = ask(*model, {UserText{kCodelabQuestion}}, in_mode(CallMode::validated));
  const ModelTurn reply = ask(*model, {UserText{"Hello!"}}, in_mode(CallMode::validated));

  EXPECT_EQ(names_of(call), std::vector<std::string>{"get_exchange_rate"});
  EXPECT_TRUE(reply.calls.empty());
  EXPECT_FALSE(reply.text.empty());
}

TEST_F(LocalModelModes, AutomaticCallsOnlyWhatIsAllowed) {
  const auto model = open();
  ModelRequest request;
  request.allowed = {"get_attendance"};

  const ModelTurn turn = ask(*model, {UserText{kTwoCalls}}, request);

  ASSERT_FALSE(turn.calls.empty());
  for (const std::string& name : names_of(turn)) EXPECT_EQ(name, "get_attendance");
}

TEST_F(LocalModelModes, AnyMayAnswerOnceThereAreResults) {
  const auto model = open();

  const ModelTurn turn = ask(*model, codelab_with_result(), in_mode(CallMode::any));

  EXPECT_TRUE(turn.calls.empty());
  EXPECT_TRUE(has(without_commas(turn.text), "3451.35")) << turn.text;
}

TEST_F(LocalModelModes, ASecondQuestionIsCalledForAnewWithIdsThatGoOn) {
  const auto model = open();
  std::vector<Message> messages = codelab_with_result();
  messages.emplace_back(ModelTurn{.text = "500 Australian dollars are 3451.35 Swedish krona."});
  messages.emplace_back(UserText{"How many people came to the meetup in March?"});

  const ModelTurn turn = ask(*model, messages);

  ASSERT_EQ(names_of(turn), std::vector<std::string>{"get_attendance"});
  EXPECT_EQ(turn.calls[0].id, "call_2");
}

TEST_F(LocalModelModes, RepliesWhereNoFunctionHelps) {
  const auto model = open();

  for (const char* question : {"What is the capital of France?", "Write a haiku about the sea."}) {
    const ModelTurn turn = ask(*model, {UserText{question}});

    EXPECT_TRUE(turn.calls.empty()) << question;
    EXPECT_FALSE(turn.text.empty()) << question;
  }
}

TEST_F(LocalModelModes, CountsTheTokensThatAnAnswerReads) {
  const auto model = open();
  const std::vector<Message> messages{UserText{"Hello!"}};

  for (const CallMode mode : {CallMode::automatic, CallMode::none}) {
    ModelRequest request = in_mode(mode);
    request.messages = messages;
    request.tools = meetup();
    const auto count = model->count_tokens(request);

    EXPECT_EQ(count.value_or(0), ask(*model, messages, request).usage.input_tokens);
  }
}

TEST_F(LocalModelModes, RefusesFilesAndProvidersTools) {
  const auto model = open();
  UserText question{"What is this?"};
  question.files.push_back({.name = "a.png", .media_type = "image/png", .data = "AAAA"});
  const std::vector<Message> with_file{question};
  ModelRequest file;
  file.messages = with_file;
  ModelRequest search;
  search.provider_tools = {protocol::ProviderTool::search};

  const auto asked = model->answer(file, nullptr);
  const auto checked = model->check(search);

  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::bad_input);
  EXPECT_TRUE(has(asked.error().message, "a.png")) << asked.error().message;
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::bad_input);
}

}  // namespace
}  // namespace atonce::model
