// Golden cases are files: tests/protocol/cases/openai_chat/*.json, each with a title and one of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   chunks | stream_text      a streamed answer, as golden_stream.h reads it, with the `message`
//   messages ...               what is asked, as golden_request.h reads it; {"model": message}
#include "protocol/openai_chat.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/golden_request.h"
#include "protocol/golden_stream.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::flag_of;
using golden::items_of;
using golden::text_of;
using json::View;

void check_response(const View& test, const View& expected) {
  const auto response = test.find("response");
  const auto turn = openai_chat::read_response(
      response ? response->raw() : test.find("response_text")->as_string().value());
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(turn);
    return golden::check_error(turn.error(), *error);
  }
  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->wire, Wire::openai_chat);
  golden::check_turn(*turn, expected);
  // Whatever the case is about, the message is kept byte for byte.
  const View choice =
      response->find("choices") ? items_of(*response, "choices").front() : *response;
  EXPECT_EQ(turn->raw_content, choice.find("message")->raw());
}

openai_chat::Options read_options(const View& test) {
  openai_chat::Options options{.model = "m"};
  options.stream = flag_of(test, "stream").value_or(false);
  options.include_usage = flag_of(test, "include_usage").value_or(true);
  options.parallel_tool_calls = flag_of(test, "parallel_tool_calls");
  options.uses_max_completion_tokens = flag_of(test, "uses_max_completion_tokens").value_or(false);
  return options;
}

golden::RequestCases request_cases() {
  return {.wire = Wire::openai_chat,
          .dialect = call::Dialect::openai,
          .read_model =
              [](const View& message) {
                auto turn =
                    openai_chat::read_response(R"({"choices":[{"finish_reason":"stop","message":)" +
                                               std::string(message.find("model")->raw()) + "}]}");
                EXPECT_TRUE(turn);
                return *std::move(turn);
              },
          .write =
              [](const ModelRequest& request, const View& test) {
                return openai_chat::write_request(request, read_options(test));
              }};
}

void check_stream(const std::string& body, const View& expected) {
  golden::check_stream(Wire::openai_chat, openai_chat::make_stream_reader, body, expected,
                       "message");
}

TEST(OpenAiChat, DoesWhatEveryGoldenCaseSays) {
  const golden::RequestCases requests = request_cases();
  golden::for_each_case("openai_chat", 95, [&](const View& test, const View& expected) {
    if (test.find("messages")) {
      golden::check_request(requests, test, expected);
    } else if (test.find("chunks")) {
      check_stream(golden::body_of(items_of(test, "chunks")), expected);
    } else if (test.find("stream_text")) {
      check_stream(text_of(test, "stream_text"), expected);
    } else {
      check_response(test, expected);
    }
  });
}

TEST(OpenAiChat, EchoesTheModelsMessageByteForByte) {
  const std::string message =
      R"({ "tool_calls": [ {"function": {"name":"f", "arguments":"{\"a\": 3.0}" },"type":"function",)"
      R"( "id" :"call_1","extra_content":{"google":{"thought_signature":"c2ln"}}} ],)"
      R"( "role":"assistant", "content" : null, "somethingNew":[1, 2e3]})";
  const auto turn = openai_chat::read_response(R"({"choices":[{"message":)" + message + "}]}");
  ASSERT_TRUE(turn);
  const std::vector<Message> messages = {
      *turn, FunctionResults{{{.call = turn->calls[0], .outcome = call::Returned{"1"}}}}};

  const std::string body =
      openai_chat::write_request({.messages = messages, .tools = {}}, {.model = "m"});

  EXPECT_EQ(body, R"({"model":"m","messages":[)" + message +
                      R"(,{"role":"tool","tool_call_id":"call_1","content":"1"}]})");
}

TEST(OpenAiChat, GivesTheSameIdsToTheSameHistoryWhateverComesAfterIt) {
  const ModelTurn turn{.calls = {{"", "f", "{}"}, {"", "f", "{}"}}};
  const FunctionResults results{
      {{{"", "f", "{}"}, call::Returned{"1"}}, {{"", "f", "{}"}, call::Returned{"2"}}}};
  std::vector<Message> messages = {UserText{"?"}, turn, results};
  const std::string once =
      openai_chat::write_request({.messages = messages, .tools = {}}, {.model = "m"});
  messages.insert(messages.end(), {turn, results});

  const std::string twice =
      openai_chat::write_request({.messages = messages, .tools = {}}, {.model = "m"});

  EXPECT_TRUE(twice.starts_with(once.substr(0, once.size() - 2))) << once << "\n" << twice;
}

TEST(OpenAiChat, SaysSoWhenTheAnswerIsCutOffAtAnyByte) {
  const std::string body =
      R"({"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]})";
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto turn = openai_chat::read_response(std::string_view(body).substr(0, length));

    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

constexpr char kFirstCall[] =
    R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})";
constexpr char kSecondCall[] =
    R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}})";

std::string event(const std::string& calls) {
  return R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[)" + calls + "]}}]}\n\n";
}

TEST(OpenAiChatStream, TellsACallWhenTheNextBeginsAndTheLastWhenTheModelHasFinished) {
  Told told;
  const auto reader = openai_chat::make_stream_reader(told);

  ASSERT_TRUE(reader->feed(event(kFirstCall)));
  EXPECT_TRUE(told.calls.empty());
  ASSERT_TRUE(reader->feed(event(kSecondCall)));
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"a", "f", "{}"}}));
  ASSERT_TRUE(
      reader->feed("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"));
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"a", "f", "{}"}, {"b", "g", "{}"}}));
}

TEST(OpenAiChatStream, HoldsACallBackWhoseArgumentsStillComeBesideThoseOfTheNext) {
  Told told;
  const auto reader = openai_chat::make_stream_reader(told);

  ASSERT_TRUE(
      reader->feed(event(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}})")));
  ASSERT_TRUE(reader->feed(event(kSecondCall)));
  EXPECT_TRUE(told.calls.empty());
  ASSERT_TRUE(reader->feed(event(R"({"index":0,"function":{"arguments":"1}"}})")));
  ASSERT_TRUE(reader->feed("data: [DONE]\n\n"));
  const auto turn = reader->finish();

  ASSERT_TRUE(turn);
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"a", "f", R"({"x":1})"}, {"b", "g", "{}"}}));
  EXPECT_EQ(told.calls, turn->calls);
}

TEST(OpenAiChatStream, SaysSoWhenItBreaksOffAnywhereBeforeTheFinish) {
  const std::string body =
      event(kFirstCall) + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}";
  for (std::size_t length = 0; length < body.size(); ++length) {
    Told told;
    const auto reader = openai_chat::make_stream_reader(told);
    const auto fed = reader->feed(std::string_view(body).substr(0, length));
    const auto turn = reader->finish();

    ASSERT_TRUE(fed);
    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

}  // namespace
}  // namespace atonce::protocol
