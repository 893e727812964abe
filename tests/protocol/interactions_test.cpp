// Golden cases are files: tests/protocol/cases/interactions/*.json, each with a title and one of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   events | stream_text      a streamed answer, as golden_stream.h reads it, with the `steps`
//   messages ...               what is asked, as golden_request.h reads it; {"model": steps, "id"}
#include "protocol/interactions.h"

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
  const auto turn = interactions::read_response(
      response ? response->raw() : test.find("response_text")->as_string().value());
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(turn);
    return golden::check_error(turn.error(), *error);
  }
  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(turn->wire, Wire::interactions);
  golden::check_turn(*turn, expected);
  // Whatever the case is about, the steps are kept byte for byte.
  const bool has_steps = !items_of(*response, "steps").empty();
  EXPECT_EQ(turn->raw_content, has_steps ? response->find("steps")->raw() : "");
}

interactions::Options read_options(const View& test) {
  return {.model = "gemini",
          .stream = flag_of(test, "stream").value_or(false),
          .is_stateful = flag_of(test, "is_stateful").value_or(false)};
}

golden::RequestCases request_cases() {
  return {.wire = Wire::interactions,
          .dialect = call::Dialect::gemini,
          .read_model =
              [](const View& message) {
                auto turn = interactions::read_response(
                    R"({"status":"completed","id":)" + json::quoted(text_of(message, "id")) +
                    R"(,"steps":)" + std::string(message.find("model")->raw()) + "}");
                EXPECT_TRUE(turn);
                return *std::move(turn);
              },
          .write =
              [](const ModelRequest& request, const View& test) {
                return interactions::write_request(request, read_options(test));
              }};
}

void check_stream(const std::string& body, const View& expected) {
  golden::check_stream(Wire::interactions, interactions::make_stream_reader, body, expected,
                       "steps");
}

TEST(InteractionsAdapter, DoesWhatEveryGoldenCaseSays) {
  const golden::RequestCases requests = request_cases();
  golden::for_each_case("interactions", 46, [&](const View& test, const View& expected) {
    if (test.find("messages")) {
      golden::check_request(requests, test, expected);
    } else if (test.find("events")) {
      check_stream(golden::body_of(items_of(test, "events"), "event_type"), expected);
    } else if (test.find("stream_text")) {
      check_stream(text_of(test, "stream_text"), expected);
    } else {
      check_response(test, expected);
    }
  });
}

TEST(InteractionsAdapter, EchoesTheStepsByteForByte) {
  const std::string steps =
      R"({ "signature":"c2ln", "type":"thought" },{"type":"something_new", "x":[1.0, 2]},)"
      R"({"id" : "c1","type":"function_call","name":"f",)"
      R"("arguments":{"a": 3.0, "b":12345678901234567890}})";
  const auto turn =
      interactions::read_response(R"({"status":"requires_action","steps":[ )" + steps + "]}");
  ASSERT_TRUE(turn);
  const std::vector<Message> messages = {*turn};

  const std::string body =
      interactions::write_request({.messages = messages, .tools = {}}, {.model = "m"});

  EXPECT_TRUE(
      body.starts_with(R"({"model":"m","input":[)" + steps + R"(,{"type":"function_result")"))
      << body;
}

TEST(InteractionsAdapter, SaysSoWhenTheAnswerIsCutOffAtAnyByte) {
  const std::string body = R"({"status":"completed","steps":[{"type":"model_output"}]})";
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto turn = interactions::read_response(std::string_view(body).substr(0, length));

    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

TEST(InteractionsAdapter, TellsACallWhileTheNextOneStillComes) {
  Told told;
  const auto reader = interactions::make_stream_reader(told);

  ASSERT_TRUE(
      reader->feed("data: {\"event_type\":\"step.start\",\"index\":0,\"step\":"
                   "{\"type\":\"function_call\",\"id\":\"a\",\"name\":\"f\",\"arguments\":{}}}\n\n"
                   "data: {\"event_type\":\"step.stop\",\"index\":0}\n\n"
                   "data: {\"event_type\":\"step.start\",\"index\":1,"));

  ASSERT_EQ(told.calls.size(), 1U);
  EXPECT_EQ(told.calls.front(), (call::Call{"a", "f", "{}"}));
}

}  // namespace
}  // namespace atonce::protocol
