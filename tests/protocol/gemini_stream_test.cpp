// Golden cases are files: tests/protocol/cases/gemini_stream/*.json, each with a title and
//   chunks   the responses of a stream; fed as events with both line ends and as a JSON array
//   body     or the exact text of one
//   expect   the turn {text, pieces, calls, told, finish, detail, usage, model, content,
//            continuation_token}, where `pieces` are the texts told, `told` the names of the calls
//            told if they are not all of `calls`; or {error: {code, message}}
// Every body is fed whole, byte by byte and in random pieces.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/golden.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::View;

std::vector<std::string> strings_of(const View& view, std::string_view key) {
  std::vector<std::string> texts;
  for (const View& item : items_of(view, key)) texts.emplace_back(item.as_string().value());
  return texts;
}

std::string on_one_line(std::string_view json) {
  std::string line(json);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

// The bodies that a case stands for.
std::vector<std::string> bodies_of(const View& test) {
  if (const auto body = test.find("body")) return {std::string(body->as_string().value())};
  std::string lf;
  std::string crlf;
  std::string array;
  for (const View& chunk : items_of(test, "chunks")) {
    lf += "data:" + on_one_line(chunk.raw()) + "\n\n";
    crlf += "data: " + on_one_line(chunk.raw()) + "\r\n\r\n";
    array += (array.empty() ? "[" : "\n,\n") + std::string(chunk.raw());
  }
  return {lf, crlf, array + "\n]\n"};
}

void check_calls(const Streamed& streamed, const View& expected) {
  const std::vector<call::Call>& calls = streamed.turn->calls;
  const auto wanted = items_of(expected, "calls");
  ASSERT_EQ(calls.size(), wanted.size());
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    EXPECT_EQ(calls[at].id, text_of(wanted[at], "id"));
    EXPECT_EQ(calls[at].name, text_of(wanted[at], "name"));
    EXPECT_TRUE(same_json(calls[at].arguments, wanted[at].find("args")->raw()));
  }
  if (!expected.find("told")) {
    EXPECT_EQ(streamed.told.calls, calls);
    return;
  }
  std::vector<std::string> told;
  for (const call::Call& call : streamed.told.calls) told.push_back(call.name);
  EXPECT_EQ(told, strings_of(expected, "told"));
}

void check(const Streamed& streamed, const View& expected) {
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(streamed.turn);
    EXPECT_EQ(atonce::name_of(streamed.turn.error().code), text_of(*error, "code"));
    EXPECT_EQ(streamed.turn.error().message, text_of(*error, "message"));
    EXPECT_EQ(streamed.told.text(), text_of(expected, "text"));
    return;
  }
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  const ModelTurn& turn = *streamed.turn;
  EXPECT_EQ(turn.wire, Wire::gemini);
  check_calls(streamed, expected);
  EXPECT_EQ(turn.text, text_of(expected, "text"));
  EXPECT_EQ(streamed.told.text(), turn.text);
  if (expected.find("pieces")) {
    EXPECT_EQ(streamed.told.pieces, strings_of(expected, "pieces"));
  }
  EXPECT_EQ(golden::name_of(turn.finish), text_of(expected, "finish"));
  EXPECT_EQ(turn.finish_detail, text_of(expected, "detail"));
  EXPECT_EQ(turn.model, text_of(expected, "model"));
  EXPECT_EQ(turn.response_id, text_of(expected, "response_id"));
  EXPECT_EQ(turn.continuation_token, text_of(expected, "continuation_token"));
  if (const auto usage = expected.find("usage")) golden::check_usage(turn.usage, *usage);
  const auto content = expected.find("content");
  ASSERT_TRUE(content);
  if (turn.raw_content.empty() || content->is(json::Kind::null)) {
    EXPECT_EQ(turn.raw_content.empty(), content->is(json::Kind::null)) << turn.raw_content;
  } else {
    EXPECT_TRUE(same_json(turn.raw_content, content->raw()));
  }
}

TEST(GeminiStream, DoesWhatEveryGoldenCaseSays) {
  golden::for_each_case("gemini_stream", 46, [](const View& test, const View& expected) {
    for (const std::string& body : bodies_of(test)) {
      SCOPED_TRACE(body);
      check(stream_in_every_split(gemini::make_stream_reader, body), expected);
    }
  });
}

constexpr char kTextChunk[] = R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}]})";
constexpr char kCallChunk[] =
    R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]})";

TEST(GeminiStream, TellsTextsAndCallsWhileTheStreamGoesOn) {
  Told told;
  const auto reader = gemini::make_stream_reader(told);

  ASSERT_TRUE(reader->feed("data: " + std::string(kTextChunk) + "\r\n\r\n"));
  EXPECT_EQ(told.pieces, std::vector<std::string>{"a"});
  ASSERT_TRUE(reader->feed("data: " + std::string(kCallChunk) + "\r\n\r\n"));
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"", "f", "{}"}}));
}

TEST(GeminiStream, TellsAnElementOfTheArrayAtItsLastBrace) {
  Told told;
  const auto reader = gemini::make_stream_reader(told);

  ASSERT_TRUE(reader->feed("[" + std::string(kTextChunk)));
  EXPECT_EQ(told.pieces, std::vector<std::string>{"a"});
  ASSERT_TRUE(reader->feed("\n,\n" + std::string(kCallChunk)));
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"", "f", "{}"}}));
}

std::string call_event(const std::string& call) {
  return R"(data: {"candidates":[{"content":{"parts":[{"functionCall":)" + call + "}]}}]}\r\n\r\n";
}

TEST(GeminiStream, TellsACallThatComesInPiecesWhenItsLastPieceIsThere) {
  Told told;
  const auto reader = gemini::make_stream_reader(told);

  ASSERT_TRUE(reader->feed(call_event(R"({"name":"f","willContinue":true})")));
  ASSERT_TRUE(reader->feed(
      call_event(R"({"partialArgs":[{"jsonPath":"$.x","numberValue":3}],"willContinue":true})")));
  EXPECT_TRUE(told.calls.empty());
  ASSERT_TRUE(reader->feed(call_event("{}")));
  EXPECT_EQ(told.calls, (std::vector<call::Call>{{"", "f", R"({"x":3})"}}));
}

TEST(GeminiStream, SaysSoWhenTheStreamIsCutOffAtAnyByte) {
  const std::string array =
      R"([{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}])";
  const std::string events =
      "data: " + std::string(kTextChunk) + "\n\n" + "data: " + array.substr(1, array.size() - 2);
  for (const std::string& body : {array, events}) {
    for (std::size_t length = 0; length < body.size(); ++length) {
      const auto all = [&] { return length; };
      const Streamed cut = stream(gemini::make_stream_reader, body.substr(0, length), all);

      ASSERT_FALSE(cut.turn) << body.substr(0, length);
      EXPECT_EQ(cut.turn.error().code, ErrorCode::bad_response);
    }
  }
}

TEST(GeminiStream, BoundsThePlacesThatAPathCanMake) {
  for (const auto* path : {"$.x[18446744073709551615]", "$.x[99999999999999999999]", "$.x[100000]",
                           "$[0]", "$", "", "x", "$.", "$..x", "$.x[", "$.x[1", "$.x[-1]", "$.x[*]",
                           "$['x", "$['x'", "$[x]", "$.x y[0]z"}) {
    const std::string body =
        call_event(R"({"name":"f","partialArgs":[{"jsonPath":)" + json::quoted(path) +
                   R"(,"numberValue":1}],"willContinue":true})");
    const Streamed streamed = stream(gemini::make_stream_reader, body, [&] { return body.size(); });

    ASSERT_FALSE(streamed.turn) << path;
    EXPECT_EQ(streamed.turn.error().message, "the server's partial argument `" + std::string(path) +
                                                 "` cannot be put in its place");
  }
}

}  // namespace
}  // namespace atonce::protocol
