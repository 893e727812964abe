// A conversation written to a file and read again.

#include "protocol/transcript.h"

#include <gtest/gtest.h>

namespace atonce::protocol {
namespace {

using call::Finished;

ModelTurn turn_with_calls() {
  return {.wire = Wire::gemini,
          .raw_content = "{\"role\": \"model\",\n  \"parts\": [{\"number\": 3.0}]}",
          .text = "Let me see.\nYes.",
          .calls = {{.id = "a1", .name = "add", .arguments = R"({"a":1.0})"},
                    {.id = "", .name = "b", .arguments = "not json"}},
          .finish = Finish::other,
          .finish_detail = "WHY",
          .usage = {.input_tokens = 1,
                    .output_tokens = 2,
                    .thought_tokens = 3,
                    .cached_tokens = 4,
                    .total_tokens = 10},
          .model = "gemini-x",
          .response_id = "r1"};
}

FunctionResults every_outcome() {
  FunctionResults results;
  const auto add = [&](call::Outcome outcome) {
    results.calls.push_back({.call = {.id = "1", .name = "f", .arguments = "{}"},
                             .outcome = std::move(outcome),
                             .started = std::chrono::microseconds(1500),
                             .ended = std::chrono::microseconds(2500),
                             .lane = "thread-1"});
  };
  add(call::Returned{R"({"rate":6.90})"});
  add(call::Raised{.type = "ValueError", .message = "no\nsuch rate"});
  add(call::Invalid{.type = "unknown_tool", .message = "known: g"});
  add(call::Invalid{.type = "invalid_arguments", .message = "m", .problems = R"([{"path":"/a"}])"});
  add(call::TimedOut{std::chrono::milliseconds(250)});
  add(call::Cancelled{});
  add(call::NotStarted{"the queue is full"});
  add(call::Interrupted{"the worker went away"});
  return results;
}

std::string written(std::initializer_list<Message> messages) {
  std::string text = transcript_header();
  for (const Message& message : messages) text += write_transcript_line(message);
  return text;
}

TEST(Transcript, KeepsAQuestionWithItsFiles) {
  const UserText question{.text = "What is \"this\"?\nAnd that?",
                          .files = {{.name = "a.png", .media_type = "image/png", .data = "aGk="}}};

  const auto read = read_transcript(written({question}));

  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->messages.size(), 1U);
  const auto& kept = std::get<UserText>(read->messages[0]);
  EXPECT_EQ(kept.text, question.text);
  ASSERT_EQ(kept.files.size(), 1U);
  EXPECT_EQ(kept.files[0].name, "a.png");
  EXPECT_EQ(kept.files[0].media_type, "image/png");
  EXPECT_EQ(kept.files[0].data, "aGk=");
}

TEST(Transcript, KeepsWhatTheModelSaidButForLineBreaksBetweenTokens) {
  const ModelTurn turn = turn_with_calls();

  const auto read = read_transcript(written({turn}));

  ASSERT_TRUE(read) << read.error().message;
  const auto& kept = std::get<ModelTurn>(read->messages.at(0));
  EXPECT_EQ(kept.wire, turn.wire);
  EXPECT_EQ(kept.raw_content, "{\"role\": \"model\",   \"parts\": [{\"number\": 3.0}]}");
  EXPECT_EQ(kept.text, turn.text);
  EXPECT_EQ(kept.calls, turn.calls);
  EXPECT_EQ(kept.finish, turn.finish);
  EXPECT_EQ(kept.finish_detail, turn.finish_detail);
  EXPECT_EQ(kept.usage, turn.usage);
  EXPECT_EQ(kept.model, turn.model);
  EXPECT_EQ(kept.response_id, turn.response_id);
}

TEST(Transcript, KeepsEveryOutcome) {
  const FunctionResults results = every_outcome();

  const auto read = read_transcript(written({results}));

  ASSERT_TRUE(read) << read.error().message;
  const auto& kept = std::get<FunctionResults>(read->messages.at(0)).calls;
  ASSERT_EQ(kept.size(), results.calls.size());
  for (std::size_t at = 0; at < kept.size(); ++at) {
    EXPECT_EQ(kept[at].call, results.calls[at].call);
    EXPECT_EQ(kept[at].outcome, results.calls[at].outcome) << at;
    EXPECT_EQ(kept[at].started, results.calls[at].started);
    EXPECT_EQ(kept[at].ended, results.calls[at].ended);
    EXPECT_EQ(kept[at].lane, results.calls[at].lane);
  }
}

TEST(Transcript, TakesBackWhatWasForgotten) {
  std::string text = written({UserText{"one"}, turn_with_calls(), every_outcome()});
  text += write_forgotten_line(2);
  text += write_transcript_line(ModelTurn{.text = "better"});

  const auto read = read_transcript(text);

  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->messages.size(), 2U);
  EXPECT_EQ(std::get<ModelTurn>(read->messages[1]).text, "better");
}

TEST(Transcript, LeavesOutALineWhoseWritingBrokeOff) {
  const std::string whole = written({UserText{"one"}});

  const auto read = read_transcript(whole + write_transcript_line(turn_with_calls()).substr(0, 40));

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->messages.size(), 1U);
  EXPECT_EQ(read->whole_bytes, whole.size());
}

TEST(Transcript, IsEmptyForAnEmptyFile) {
  const auto read = read_transcript("");

  ASSERT_TRUE(read);
  EXPECT_TRUE(read->messages.empty());
}

TEST(Transcript, RefusesWhatIsNoneAndSaysWhere) {
  const std::string header = transcript_header();
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"hello\n", "line 1: "},
           {"{}\n", "line 1: this is no transcript of atonce"},
           {"{\"atonce_transcript\":99}\n", "line 1: this version of the format is not known: 99"},
           {header + "{\"user\":1}\n", "line 2: this is no part of a conversation: {\"user\":1}"},
           {header + "{\"model\":{}}\n", "line 2: what the model said is not complete"},
           {header + "{\"results\":[{}]}\n", "line 2: this is no finished call: {}"},
           {header + "{\"forgotten\":1}\n", "line 2: this is no part of a conversation"},
           {header + "{\"forgotten\":-1}\n", "line 2: this is no part of a conversation"}}) {
    const auto read = read_transcript(text);

    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::bad_input);
    EXPECT_TRUE(read.error().message.starts_with(expected)) << read.error().message;
  }
}

}  // namespace
}  // namespace atonce::protocol
