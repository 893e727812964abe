// Golden cases are files: tests/protocol/cases/openai_chat/*.json, each with a title and one of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   chunks                     the events of a streamed answer, a string standing for its text
//   stream_text                or its exact bytes;
//                              `expect` is the turn, with the `message` put together and the text
//                              that was told before an {error}
//   messages (+ tools, mode, allowed, system, temperature, max_output_tokens, options)
//                              what is asked; `expect` is the request's body
// Messages are {"user": text}, {"model": message}, {"foreign": {text, calls, raw}} for a turn of
// another wire, and {"results": [{id, name, returned | raised | ...}]}.
#include "protocol/openai_chat.h"

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

std::string body_of(const std::vector<View>& chunks) {
  std::string body;
  for (const View& chunk : chunks) {
    std::string data(chunk.as_string().value_or(chunk.raw()));
    std::ranges::replace(data, '\n', ' ');
    body += "data: " + data + "\n\n";
  }
  return body;
}

void check_stream(const std::string& body, const View& expected) {
  const Streamed streamed = stream_in_every_split(openai_chat::make_stream_reader, body);
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(streamed.turn);
    EXPECT_EQ(streamed.told.text(), text_of(expected, "text"));
    return golden::check_error(streamed.turn.error(), *error);
  }
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  const ModelTurn& turn = *streamed.turn;
  EXPECT_EQ(turn.wire, Wire::openai_chat);
  golden::check_turn(turn, expected);
  EXPECT_EQ(streamed.told.text(), turn.text);
  // Told once each, those that are complete early first.
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, turn.calls));
  ASSERT_TRUE(expected.find("message"));
  EXPECT_TRUE(same_json(turn.raw_content, expected.find("message")->raw()));
}

Message read_foreign(const View& view) {
  ModelTurn turn{.wire = Wire::gemini, .raw_content = text_of(view, "raw")};
  turn.text = text_of(view, "text");
  for (const View& each : items_of(view, "calls")) {
    const auto text = each.find("args")->as_string();
    turn.calls.push_back({text_of(each, "id"), text_of(each, "name"),
                          std::string(text.value_or(each.find("args")->raw()))});
  }
  return turn;
}

Message read_message(const View& view) {
  if (const auto message = view.find("model")) {
    auto turn = openai_chat::read_response(R"({"choices":[{"finish_reason":"stop","message":)" +
                                           std::string(message->raw()) + "}]}");
    EXPECT_TRUE(turn);
    return *std::move(turn);
  }
  if (const auto foreign = view.find("foreign")) return read_foreign(*foreign);
  if (!view.find("results")) return UserText{text_of(view, "user")};
  FunctionResults results;
  for (const View& each : items_of(view, "results")) {
    results.calls.push_back(
        {{text_of(each, "id"), text_of(each, "name"), "{}"}, golden::read_outcome(each)});
  }
  return results;
}

openai_chat::Options read_options(const View& test) {
  openai_chat::Options options{.model = "m"};
  const auto view = test.find("options");
  if (!view) return options;
  const auto flag = [&](std::string_view key) {
    const auto value = view->find(key);
    return value ? value->as_bool() : std::nullopt;
  };
  options.stream = flag("stream").value_or(options.stream);
  options.include_usage = flag("include_usage").value_or(options.include_usage);
  options.parallel_tool_calls = flag("parallel_tool_calls");
  options.strict = flag("strict").value_or(options.strict);
  options.uses_max_completion_tokens = flag("uses_max_completion_tokens").value_or(false);
  return options;
}

std::vector<call::ToolSpec> read_tools(const View& test) {
  std::vector<call::ToolSpec> tools;
  for (const View& each : items_of(test, "tools")) {
    call::ToolSpec& tool = tools.emplace_back();
    tool.name = text_of(*each.find("function"), "name");
    tool.declarations[static_cast<std::size_t>(call::Dialect::openai)] = each.raw();
  }
  return tools;
}

void check_request(const View& test, const View& expected) {
  std::vector<Message> messages;
  for (const View& each : items_of(test, "messages")) messages.push_back(read_message(each));
  const std::vector<call::ToolSpec> tools = read_tools(test);
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

  EXPECT_TRUE(same_json(openai_chat::write_request(request, read_options(test)), expected.raw()));
}

TEST(OpenAiChat, DoesWhatEveryGoldenCaseSays) {
  golden::for_each_case("openai_chat", 90, [](const View& test, const View& expected) {
    if (test.find("messages")) {
      check_request(test, expected);
    } else if (test.find("chunks")) {
      check_stream(body_of(items_of(test, "chunks")), expected);
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
