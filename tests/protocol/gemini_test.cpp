// Golden cases are files: tests/protocol/cases/gemini/*.json, each with a title and one of
//   response | response_text   what a server answered; `expect` is the turn, or {error}
//   error_status + body | body_text (+ model)   a refusal; `expect` is {code, message, hint,
//   retry_ms}
//   messages (+ model, tools, mode, allowed, system, temperature, max_output_tokens)   what is
//   asked; `expect` is the request's body
// Messages are {"user": text}, {"model": content} (+ continuation_token), {"foreign": {text, calls,
// raw}} for a turn of another model, and {"results": [{id, name, returned | raised | invalid |
// timed_out_ms}]}.
#include "protocol/gemini.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "base/json.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

namespace fs = std::filesystem;
using json::View;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(ATONCE_SOURCE_DIR) / "tests/protocol/cases/gemini")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string text_of(const View& view, std::string_view key) {
  const auto member = view.find(key);
  return std::string(member ? member->as_string().value_or("") : "");
}

std::string name_of(Finish finish) {
  switch (finish) {
    case Finish::stop: return "stop";
    case Finish::length: return "length";
    case Finish::blocked: return "blocked";
    case Finish::malformed_call: return "malformed_call";
    case Finish::unexpected_call: return "unexpected_call";
    case Finish::other: return "other";
  }
  return "";
}

void check_error(const Error& error, const View& expected) {
  EXPECT_EQ(atonce::name_of(error.code), text_of(expected, "code"));
  EXPECT_EQ(error.message, text_of(expected, "message"));
  EXPECT_EQ(error.hint, text_of(expected, "hint"));
}

void check_calls(const ModelTurn& turn, const View& expected) {
  const auto calls = expected.find("calls");
  const auto wanted = calls ? calls->items() : std::vector<View>{};
  ASSERT_EQ(turn.calls.size(), wanted.size());
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    EXPECT_EQ(turn.calls[at].id, text_of(wanted[at], "id"));
    EXPECT_EQ(turn.calls[at].name, text_of(wanted[at], "name"));
    EXPECT_EQ(turn.calls[at].arguments, wanted[at].find("args")->raw());
  }
}

void check_usage(const Usage& usage, const View& expected) {
  const auto count = [&](std::string_view key) {
    const auto value = expected.find(key);
    return value ? value->as_int64().value_or(-1) : 0;
  };
  EXPECT_EQ(usage.input_tokens, count("input"));
  EXPECT_EQ(usage.output_tokens, count("output"));
  EXPECT_EQ(usage.thought_tokens, count("thought"));
  EXPECT_EQ(usage.cached_tokens, count("cached"));
  EXPECT_EQ(usage.total_tokens, count("total"));
}

void check_response(const View& test, const View& expected) {
  const auto response = test.find("response");
  const auto turn = gemini::read_response(
      response ? response->raw() : test.find("response_text")->as_string().value());
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(turn);
    return check_error(turn.error(), *error);
  }
  ASSERT_TRUE(turn) << turn.error().message;
  check_calls(*turn, expected);
  EXPECT_EQ(turn->text, text_of(expected, "text"));
  EXPECT_EQ(name_of(turn->finish), text_of(expected, "finish"));
  EXPECT_EQ(turn->finish_detail, text_of(expected, "detail"));
  EXPECT_EQ(turn->model, text_of(expected, "model"));
  if (const auto usage = expected.find("usage")) check_usage(turn->usage, *usage);
  if (const auto content = expected.find("content")) {
    EXPECT_TRUE(same_json(turn->raw_content, content->raw()));
  } else if (response && response->is(json::Kind::object)) {
    // Whatever the case is about, a content with parts is kept byte for byte.
    const auto candidates = response->find("candidates");
    const auto content_of = candidates && !candidates->items().empty()
                                ? candidates->items().front().find("content")
                                : std::nullopt;
    const bool has_parts =
        content_of && content_of->find("parts") && !content_of->find("parts")->items().empty();
    EXPECT_EQ(turn->raw_content, has_parts ? content_of->raw() : "");
  }
}

void check_refusal(const View& test, const View& expected) {
  const auto body = test.find("body");
  const std::string text(body ? body->raw() : test.find("body_text")->as_string().value());

  const auto status = static_cast<int>(test.find("error_status")->as_int64().value());
  check_error(gemini::read_error(status, text, text_of(test, "model")), expected);
  const auto delay = gemini::read_retry_delay(text);
  const auto wanted = expected.find("retry_ms");
  ASSERT_EQ(delay.has_value(), wanted.has_value());
  if (delay) {
    EXPECT_EQ(delay->count(), wanted->as_int64());
  }
}

call::Outcome read_outcome(const View& view) {
  if (const auto result = view.find("returned")) return call::Returned{std::string(result->raw())};
  if (const auto limit = view.find("timed_out_ms")) {
    return call::TimedOut{std::chrono::milliseconds(limit->as_int64().value())};
  }
  if (view.find("invalid")) return call::Invalid{"invalid_arguments", text_of(view, "invalid")};
  return call::Raised{"ValueError", text_of(view, "raised")};
}

Message read_message(const View& view) {
  if (const auto content = view.find("model")) {
    auto turn = gemini::read_response(R"({"candidates":[{"finishReason":"STOP","content":)" +
                                      std::string(content->raw()) + "}]}");
    EXPECT_TRUE(turn);
    turn->continuation_token = text_of(view, "continuation_token");
    return *std::move(turn);
  }
  if (const auto foreign = view.find("foreign")) {
    ModelTurn turn{.raw_content = text_of(*foreign, "raw"), .text = text_of(*foreign, "text")};
    const auto calls = foreign->find("calls");
    for (const View& each : calls ? calls->items() : std::vector<View>{}) {
      const auto text = each.find("args")->as_string();
      turn.calls.push_back({text_of(each, "id"), text_of(each, "name"),
                            std::string(text.value_or(each.find("args")->raw()))});
    }
    return turn;
  }
  if (const auto results = view.find("results")) {
    FunctionResults message;
    for (const View& each : results->items()) {
      message.calls.push_back(
          {{text_of(each, "id"), text_of(each, "name"), "{}"}, read_outcome(each)});
    }
    return message;
  }
  return UserText{text_of(view, "user")};
}

void check_request(const View& test, const View& expected) {
  std::vector<Message> messages;
  for (const View& each : test.find("messages")->items()) messages.push_back(read_message(each));
  std::vector<call::ToolSpec> tools;
  const auto declared = test.find("tools");
  for (const View& each : declared ? declared->items() : std::vector<View>{}) {
    call::ToolSpec& tool = tools.emplace_back();
    tool.name = text_of(each, "name");
    tool.declarations[static_cast<std::size_t>(call::Dialect::gemini)] = each.raw();
  }
  const std::map<std::string, CallMode> modes = {{"", CallMode::automatic},
                                                 {"any", CallMode::any},
                                                 {"none", CallMode::none},
                                                 {"validated", CallMode::validated}};
  ModelRequest request{.messages = messages, .tools = tools, .system = text_of(test, "system")};
  request.mode = modes.at(text_of(test, "mode"));
  const auto allowed = test.find("allowed");
  for (const View& each : allowed ? allowed->items() : std::vector<View>{}) {
    request.allowed.emplace_back(each.as_string().value());
  }
  if (const auto value = test.find("temperature")) request.temperature = value->as_double();
  if (const auto value = test.find("max_output_tokens")) {
    request.max_output_tokens = static_cast<int>(value->as_int64().value());
  }

  EXPECT_TRUE(
      same_json(gemini::write_request(request, {.model = text_of(test, "model")}), expected.raw()));
}

TEST(GeminiAdapter, DoesWhatEveryGoldenCaseSays) {
  const std::vector<fs::path> files = case_files();
  EXPECT_GE(files.size(), 45U) << "golden cases are missing";
  for (const fs::path& file : files) {
    const std::string text = read_file(file);
    const auto document = json::Document::parse(text);
    ASSERT_TRUE(document) << file << ": " << document.error().message;
    const View test = document->root();
    SCOPED_TRACE(file.filename().string() + ": " + text_of(test, "title"));
    EXPECT_NE(text_of(test, "title"), "");
    const auto expected = test.find("expect");
    ASSERT_TRUE(expected);
    if (test.find("messages")) {
      check_request(test, *expected);
    } else if (test.find("error_status")) {
      check_refusal(test, *expected);
    } else {
      check_response(test, *expected);
    }
  }
}

TEST(GeminiAdapter, EchoesTheModelsContentByteForByte) {
  const std::string content =
      R"({ "parts": [ {"functionCall": {"name":"f", "args": {"a": 3.0, "b":12345678901234567890}},)"
      R"( "thoughtSignature":"c2ln" }, {"somethingNew":{"x":[1, 2]}} ], "role" : "model"})";
  const auto turn = gemini::read_response(R"({"candidates":[{"content":)" + content + "}]}");
  ASSERT_TRUE(turn);
  const std::vector<Message> messages = {*turn};

  const std::string body = gemini::write_request({.messages = messages, .tools = {}});

  EXPECT_EQ(body, R"({"contents":[)" + content + "]}");
}

ModelTurn turn_of(const std::string& body) {
  auto turn = gemini::read_response(body);
  EXPECT_TRUE(turn);
  return *std::move(turn);
}

TEST(GeminiAdapter, PutsTheRestOfAnAnswerAfterItsBeginning) {
  ModelTurn turn =
      turn_of(R"({"candidates":[{"content":{"role":"model","parts":[{"text":"One, "}]},)"
              R"("finishReason":"CONTINUATION","continuationToken":"dG9r"}],)"
              R"("usageMetadata":{"totalTokenCount":5}})");
  ASSERT_EQ(turn.continuation_token, "dG9r");

  gemini::append_rest(turn,
                      turn_of(R"({"candidates":[{"content":{"parts":[{"text":"two."},)"
                              R"({"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]},)"
                              R"("finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":7}})"));

  EXPECT_EQ(turn.raw_content, R"({"role":"model","parts":[{"text":"One, "},{"text":"two."},)"
                              R"({"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]})");
  EXPECT_EQ(turn.text, "One, two.");
  EXPECT_EQ(turn.calls, (std::vector<call::Call>{{"", "f", "{}"}}));
  EXPECT_EQ(turn.finish, Finish::stop);
  EXPECT_EQ(turn.usage.total_tokens, 12);
  EXPECT_EQ(turn.continuation_token, "");
}

TEST(GeminiAdapter, KeepsTheBeginningWhenTheRestSaysNothing) {
  const std::string content = R"({"parts":[{"text":"One."}]})";
  ModelTurn turn = turn_of(R"({"candidates":[{"content":)" + content +
                           R"(,"finishReason":"CONTINUATION","continuationToken":"dG9r"}]})");

  gemini::append_rest(turn, turn_of(R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})"));

  EXPECT_EQ(turn.raw_content, content);
  EXPECT_EQ(turn.finish, Finish::length);
  EXPECT_EQ(turn.finish_detail, "MAX_TOKENS");
}

TEST(GeminiAdapter, EchoesNoContentOfAnotherWire) {
  ModelTurn turn = turn_of(R"({"candidates":[{"content":{"parts":[{"text":"a","x":1}]}}]})");
  turn.wire = Wire::interactions;
  const std::vector<Message> messages = {turn};

  const std::string body = gemini::write_request({.messages = messages, .tools = {}});

  EXPECT_EQ(body, R"({"contents":[{"role":"model","parts":[{"text":"a"}]}]})");
}

TEST(GeminiAdapter, SendsImagesBesideResultsToModelsThatSeeThem) {
  const std::vector<Message> messages = {FunctionResults{
      {{{"", "f", "{}"}, call::Returned{R"({"media_type":"image/png","data":"aGk="})"}}}}};
  for (const auto& [model, sees] :
       std::vector<std::pair<std::string, bool>>{{"gemini-3-flash-preview", true},
                                                 {"gemini-3.8-flash", true},
                                                 {"models/gemini-10-pro", true},
                                                 {"gemini-flash-latest", true},
                                                 {"gemini-2.5-flash", false},
                                                 {"gemini-2.0-flash-latest", false},
                                                 {"gemini-", false},
                                                 {"gemma-4", false},
                                                 {"", false}}) {
    const std::string body =
        gemini::write_request({.messages = messages, .tools = {}}, {.model = std::string(model)});

    EXPECT_EQ(body.contains("inlineData"), sees) << model;
  }
}

TEST(GeminiAdapter, SaysSoWhenTheAnswerIsCutOffAtAnyByte) {
  const std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"hello"}]},"finishReason":"STOP"}]})";
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto turn = gemini::read_response(std::string_view(body).substr(0, length));

    ASSERT_FALSE(turn) << length;
    EXPECT_EQ(turn.error().code, ErrorCode::bad_response);
  }
}

}  // namespace
}  // namespace atonce::protocol
