// Golden cases are files: tests/protocol/cases/openai_responses/*.json, each with a title and one
// of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   events | stream_text      a streamed answer, as golden_stream.h reads it, with the `items`
//   messages ...               what is asked, as golden_request.h reads it; {"model": items, "id"}
#include "protocol/openai_responses.h"

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
  const auto turn = openai_responses::read_response(
      response ? response->raw() : test.find("response_text")->as_string().value());
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(turn);
    return golden::check_error(turn.error(), *error);
  }
  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->wire, Wire::openai_responses);
  golden::check_turn(*turn, expected);
  // Whatever the case is about, the items are kept byte for byte.
  const View output = response->find("output").value();
  EXPECT_EQ(turn->raw_content, output.items().empty() ? "" : output.raw());
}

openai_responses::Options read_options(const View& test) {
  openai_responses::Options options{.model = "gpt"};
  options.stream = flag_of(test, "stream").value_or(false);
  options.is_stateful = flag_of(test, "is_stateful").value_or(false);
  options.include_encrypted_reasoning = flag_of(test, "include_encrypted_reasoning").value_or(true);
  options.parallel_tool_calls = flag_of(test, "parallel_tool_calls");
  return options;
}

golden::RequestCases request_cases() {
  return {.wire = Wire::openai_responses,
          .dialect = call::Dialect::openai,
          .read_model =
              [](const View& message) {
                auto turn = openai_responses::read_response(
                    R"({"status":"completed","id":)" + json::quoted(text_of(message, "id")) +
                    R"(,"output":)" + std::string(message.find("model")->raw()) + "}");
                EXPECT_TRUE(turn);
                return *std::move(turn);
              },
          .write =
              [](const ModelRequest& request, const View& test) {
                return openai_responses::write_request(request, read_options(test));
              }};
}

void check_stream(const std::string& body, const View& expected) {
  golden::check_stream(Wire::openai_responses, openai_responses::make_stream_reader, body, expected,
                       "items");
}

TEST(OpenAiResponsesAdapter, DoesWhatEveryGoldenCaseSays) {
  const golden::RequestCases requests = request_cases();
  golden::for_each_case("openai_responses", 51, [&](const View& test, const View& expected) {
    if (test.find("messages")) {
      golden::check_request(requests, test, expected);
    } else if (test.find("events")) {
      check_stream(golden::body_of(items_of(test, "events"), "type"), expected);
    } else if (test.find("stream_text")) {
      check_stream(text_of(test, "stream_text"), expected);
    } else {
      check_response(test, expected);
    }
  });
}

TEST(OpenAiResponsesAdapter, EchoesTheItemsByteForByte) {
  const std::string items =
      R"({ "type":"reasoning", "id":"rs_1", "summary": [], "encrypted_content":"gAAA" },)"
      R"({"type":"something_new", "x":[1.0, 12345678901234567890]},)"
      R"({"call_id" : "call_1","type":"function_call","name":"f","arguments":"{\"a\": 3.0}"})";
  const auto turn =
      openai_responses::read_response(R"({"status":"completed","output":[ )" + items + "]}");
  ASSERT_TRUE(turn);
  const std::vector<Message> messages = {*turn};

  const std::string body =
      openai_responses::write_request({.messages = messages, .tools = {}}, {.model = "m"});

  EXPECT_TRUE(body.starts_with(R"({"model":"m","input":[)" + items + R"(,{"type":"function_call_)"))
      << body;
}

TEST(OpenAiResponsesAdapter, SaysSoWhenTheAnswerIsCutOffAtAnyByte) {
  const std::string body =
      R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text"}]}]})";
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto turn = openai_responses::read_response(std::string_view(body).substr(0, length));

    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

TEST(OpenAiResponsesAdapter, TellsACallWhileTheNextOneStillComes) {
  Told told;
  const auto reader = openai_responses::make_stream_reader(told);

  ASSERT_TRUE(reader->feed(
      "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":"
      "{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"f\",\"arguments\":\"{}\"}}\n\n"));
  ASSERT_TRUE(reader->feed("data: {\"type\":\"response.output_item.added\",\"output_index\":1,"));

  ASSERT_EQ(told.calls.size(), 1U);
  EXPECT_EQ(told.calls.front(), (call::Call{"a", "f", "{}"}));
}

}  // namespace
}  // namespace atonce::protocol
