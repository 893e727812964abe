// The embedded model itself: needs its file in the cache (tools/fetch_model.sh) and skips without.

#include "model/local_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "model/local_calls.h"
#include "model/local_files.h"
#include "model/local_meetup.h"

namespace atonce::model {
namespace {

namespace fs = std::filesystem;
using protocol::CallMode;
using protocol::Finish;
using protocol::Message;
using protocol::ModelTurn;
using protocol::UserText;

TEST_F(LocalModelTest, CallsTheFunctionOfTheCodelabAndAnswersWithTheAmount) {
  const auto model = open();

  const ModelTurn calls = ask(*model, {UserText{kCodelabQuestion}});
  const ModelTurn answer = ask(*model, codelab_with_result());

  ASSERT_EQ(names_of(calls), std::vector<std::string>{"get_exchange_rate"});
  EXPECT_EQ(argument(calls.calls[0], "currency_from"), "AUD");
  EXPECT_EQ(argument(calls.calls[0], "currency_to"), "SEK");
  EXPECT_EQ(std::stod(argument(calls.calls[0], "amount")), 500);
  EXPECT_EQ(calls.calls[0].id, "call_1");
  EXPECT_TRUE(answer.calls.empty());
  EXPECT_TRUE(has(without_commas(answer.text), "3451.35")) << answer.text;
  EXPECT_EQ(answer.finish, Finish::stop);
  EXPECT_GT(answer.usage.output_tokens, 0);
  EXPECT_EQ(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
}

TEST_F(LocalModelTest, CallsFourFunctionsAtOnce) {
  const auto model = open();

  const ModelTurn turn = ask(
      *model,
      {UserText{"How many people came to the meetup in March? Who is Ada Quillfeather? Which talks "
                "are similar to \"Function calling with Gemini\"? How much is 500 AUD in SEK?"}});

  std::vector<std::string> names = names_of(turn);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"find_similar_talks", "get_attendance",
                                             "get_exchange_rate", "get_speaker"}));
  for (const call::Call& call : turn.calls) {
    const bool has_month = argument(call, "month") == "March";
    const bool has_name = argument(call, "name") == "Ada Quillfeather";
    const bool has_title = argument(call, "title") == "Function calling with Gemini";
    const bool has_amount = argument(call, "currency_to") == "SEK";
    EXPECT_TRUE(has_month || has_name || has_title || has_amount) << write_call_line(call);
  }
}

TEST_F(LocalModelTest, AnswersAGreetingInWords) {
  const auto model = open();

  const ModelTurn turn = ask(*model, {UserText{"Hello!"}});

  EXPECT_TRUE(turn.calls.empty());
  EXPECT_FALSE(turn.text.empty());
}

TEST_F(LocalModelTest, MustCallInModeAnyAndOnlyWhatIsAllowed) {
  const auto model = open();
  protocol::ModelRequest limited = in_mode(CallMode::any);
  limited.allowed = {"get_speaker"};

  const ModelTurn any = ask(*model, {UserText{"Hello!"}}, in_mode(CallMode::any));
  const ModelTurn allowed = ask(*model, {UserText{kCodelabQuestion}}, limited);

  EXPECT_FALSE(any.calls.empty());
  ASSERT_FALSE(allowed.calls.empty());
  for (const std::string& name : names_of(allowed)) EXPECT_EQ(name, "get_speaker");
}

TEST_F(LocalModelTest, RefusesModeAnyWithoutAFunctionThatMayBeCalled) {
  const auto model = open();
  const std::vector<Message> messages{UserText{"Hello!"}};
  protocol::ModelRequest request = in_mode(CallMode::any);
  request.messages = messages;

  const auto turn = model->answer(request, nullptr);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::bad_input);
}

TEST_F(LocalModelTest, DoesNotCallInModeNone) {
  const auto model = open();

  const ModelTurn turn =
      ask(*model, {UserText{"What is the capital of France?"}}, in_mode(CallMode::none));

  EXPECT_TRUE(turn.calls.empty());
  EXPECT_TRUE(has(turn.text, "Paris")) << turn.text;
}

TEST_F(LocalModelTest, AnswersWithWhatIsThereAfterTheLastRoundOfCalls) {
  const auto model = open({.most_call_rounds = 1});

  const ModelTurn turn = ask(*model, codelab_with_result());

  EXPECT_TRUE(turn.calls.empty());
  EXPECT_TRUE(has(without_commas(turn.text), "3451.35")) << turn.text;
}

TEST_F(LocalModelTest, SaysThatItRanOutOfTokens) {
  const auto model = open();
  protocol::ModelRequest short_calls = in_mode(CallMode::automatic);
  protocol::ModelRequest short_text = in_mode(CallMode::none);
  short_calls.max_output_tokens = short_text.max_output_tokens = 3;

  const ModelTurn calls = ask(*model, {UserText{kCodelabQuestion}}, short_calls);
  const ModelTurn text = ask(*model, {UserText{"Tell me the history of Rome."}}, short_text);

  EXPECT_EQ(calls.finish, Finish::length);
  EXPECT_TRUE(calls.calls.empty());
  EXPECT_EQ(text.finish, Finish::length);
  EXPECT_FALSE(text.text.empty());
}

TEST_F(LocalModelTest, RefusesAConversationThatIsLongerThanItsContext) {
  const auto model = open({.context_tokens = 512});

  const std::vector<Message> messages{UserText{kCodelabQuestion}};
  protocol::ModelRequest request;
  request.messages = messages;
  request.tools = meetup();

  const auto turn = model->answer(request, nullptr);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::refused);
  EXPECT_TRUE(has(turn.error().message, "more than the 512 of the embedded model's context"))
      << turn.error().message;
}

TEST_F(LocalModelTest, StopsWhenItIsCancelledAndStaysSo) {
  const auto model = open();
  const std::vector<Message> messages{UserText{kCodelabQuestion}};
  protocol::ModelRequest request;
  request.messages = messages;
  request.tools = meetup();
  std::latch is_asking{1};
  Result<ModelTurn> turn;

  std::thread asker([&] {
    is_asking.count_down();
    turn = model->answer(request, nullptr);
  });
  is_asking.wait();
  model->cancel();
  asker.join();
  const auto later = model->answer(request, nullptr);

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::cancelled);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::cancelled);
}

TEST_F(LocalModelTest, KnowsALongPromptFromTheLastStart) {
  const std::vector<Message> messages{UserText{kCodelabQuestion}};

  const ModelTurn first = ask(*open(), messages);
  const ModelTurn second = ask(*open(), messages);

  EXPECT_GT(second.usage.cached_tokens, 500);
  EXPECT_EQ(second.calls, first.calls);
}

// The error of opening `path`, which must fail.
Error error_of_opening(const fs::path& path) {
  const auto model = open_local_model({.path = path});
  EXPECT_FALSE(model) << path;
  return model ? Error{} : model.error();
}

TEST(LocalModelFile, ThatIsMissingIsNotFound) {
  const Error error = error_of_opening("/nowhere/model.gguf");

  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_TRUE(has(error.message, "no model file at /nowhere/model.gguf")) << error.message;
  EXPECT_FALSE(error.hint.empty());
}

TEST(LocalModelFile, ThatIsNoGgufIsRefused) {
  const fs::path folder = own_folder();
  write_text(folder / "empty.gguf", "");
  write_text(folder / "page.gguf", "<!DOCTYPE html><title>Not found</title>");

  for (const fs::path& path : {folder / "empty.gguf", folder / "page.gguf", folder}) {
    const Error error = error_of_opening(path);

    EXPECT_EQ(error.code, path == folder ? ErrorCode::not_found : ErrorCode::bad_input);
    EXPECT_TRUE(has(error.message, path.string())) << error.message;
  }
}

TEST_F(LocalModelTest, RefusesAFileThatIsCutOrDamaged) {
  const fs::path folder = own_folder();
  std::string beginning(8'000'000, '\0');
  std::ifstream(model_path(), std::ios::binary)
      .read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  write_text(folder / "cut-in-weights.gguf", beginning);
  write_text(folder / "cut-in-header.gguf", beginning.substr(0, 5'000));
  write_text(folder / "magic-only.gguf", beginning.substr(0, 4));
  write_text(folder / "bad-counts.gguf", std::string(beginning).replace(8, 16, 16, '\xFF'));
  write_text(folder / "bad-keys.gguf", std::string(beginning).replace(24, 2'000, 2'000, '\x7F'));

  for (const auto& entry : fs::directory_iterator(folder)) {
    const Error error = error_of_opening(entry.path());

    EXPECT_EQ(error.code, ErrorCode::bad_input) << entry.path();
    EXPECT_TRUE(has(error.message, "cannot be loaded: ")) << error.message;
    EXPECT_TRUE(has(error.hint, "mends it")) << error.hint;
  }
}

}  // namespace
}  // namespace atonce::model
