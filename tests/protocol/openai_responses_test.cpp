// Golden cases are files: tests/protocol/cases/openai_responses/*.json, each with a title and one
// of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   events                     those of a streamed answer, a string standing for its text
//   stream_text                or its exact bytes;
//                              `expect` is the turn, with the `items` to be echoed, and the text
//                              that was told before an {error}
//   messages (+ tools, mode, allowed, system, temperature, max_output_tokens, options)
//                              what is asked; `expect` is the request's body
// Messages are {"user": text}, {"model": items, "id"}, {"foreign": {text, calls, id}} for a turn of
// another wire, and {"results": [{id, name, returned | raised | ...}]}.
#include "protocol/openai_responses.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

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

std::string body_of(const std::vector<View>& events) {
  std::string body;
  for (const View& event : events) {
    std::string data(event.as_string().value_or(event.raw()));
    std::ranges::replace(data, '\n', ' ');
    body += "event: " + text_of(event, "type") + "\ndata: " + data + "\n\n";
  }
  return body;
}

void check_stream(const std::string& body, const View& expected) {
  const Streamed streamed = stream_in_every_split(openai_responses::make_stream_reader, body);
  EXPECT_EQ(streamed.told.text(), text_of(expected, "text"));
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(streamed.turn);
    return golden::check_error(streamed.turn.error(), *error);
  }
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  EXPECT_EQ(streamed.turn->wire, Wire::openai_responses);
  golden::check_turn(*streamed.turn, expected);
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, streamed.turn->calls));
  ASSERT_TRUE(expected.find("items"));
  EXPECT_TRUE(same_json(streamed.turn->raw_content, expected.find("items")->raw()));
}

Message read_foreign(const View& view) {
  ModelTurn turn{.wire = Wire::gemini, .raw_content = R"([{"type":"message"}])"};
  turn.text = text_of(view, "text");
  turn.response_id = text_of(view, "id");
  for (const View& each : items_of(view, "calls")) {
    const auto text = each.find("args")->as_string();
    turn.calls.push_back({text_of(each, "id"), text_of(each, "name"),
                          std::string(text.value_or(each.find("args")->raw()))});
  }
  return turn;
}

Message read_message(const View& view) {
  if (const auto items = view.find("model")) {
    auto turn = openai_responses::read_response(R"({"status":"completed","id":)" +
                                                json::quoted(text_of(view, "id")) +
                                                R"(,"output":)" + std::string(items->raw()) + "}");
    EXPECT_TRUE(turn);
    return *std::move(turn);
  }
  if (const auto foreign = view.find("foreign")) return read_foreign(*foreign);
  if (view.find("results")) {
    FunctionResults message;
    for (const View& each : items_of(view, "results")) {
      message.calls.push_back({.call = {text_of(each, "id"), text_of(each, "name"), "{}"},
                               .outcome = golden::read_outcome(each)});
    }
    return message;
  }
  return UserText{text_of(view, "user")};
}

openai_responses::Options read_options(const View& test) {
  openai_responses::Options options{.model = "gpt"};
  const auto view = test.find("options");
  const auto flag = [&](std::string_view key) {
    const auto value = view ? view->find(key) : std::nullopt;
    return value ? value->as_bool() : std::nullopt;
  };
  options.stream = flag("stream").value_or(false);
  options.is_stateful = flag("is_stateful").value_or(false);
  options.include_encrypted_reasoning = flag("include_encrypted_reasoning").value_or(true);
  options.parallel_tool_calls = flag("parallel_tool_calls");
  options.strict = flag("strict").value_or(false);
  return options;
}

void check_request(const View& test, const View& expected) {
  std::vector<Message> messages;
  for (const View& each : items_of(test, "messages")) messages.push_back(read_message(each));
  std::vector<call::ToolSpec> tools;
  for (const View& each : items_of(test, "tools")) {
    call::ToolSpec& tool = tools.emplace_back();
    tool.name = text_of(each, "name");
    tool.declarations[static_cast<std::size_t>(call::Dialect::openai)] =
        R"({"type":"function","function":)" + std::string(each.raw()) + "}";
  }
  const std::map<std::string, CallMode> modes = {{"", CallMode::automatic},
                                                 {"any", CallMode::any},
                                                 {"none", CallMode::none},
                                                 {"validated", CallMode::validated}};
  ModelRequest request{.messages = messages, .tools = tools, .system = text_of(test, "system")};
  request.mode = modes.at(text_of(test, "mode"));
  for (const View& each : items_of(test, "allowed")) {
    request.allowed.emplace_back(each.as_string().value());
  }
  if (const auto value = test.find("temperature")) request.temperature = value->as_double();
  if (const auto value = test.find("max_output_tokens")) {
    request.max_output_tokens = static_cast<int>(value->as_int64().value());
  }

  EXPECT_TRUE(
      same_json(openai_responses::write_request(request, read_options(test)), expected.raw()));
}

TEST(OpenAiResponsesAdapter, DoesWhatEveryGoldenCaseSays) {
  golden::for_each_case("openai_responses", 45, [](const View& test, const View& expected) {
    if (test.find("messages")) {
      check_request(test, expected);
    } else if (test.find("events")) {
      check_stream(body_of(items_of(test, "events")), expected);
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
