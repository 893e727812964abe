#include "protocol/event_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atonce::protocol {

void PrintTo(const ServerEvent& event, std::ostream* out) {
  *out << "{" << event.type << "|" << event.data << "|" << event.id
       << (event.is_bare ? "|bare" : "") << "}";
}

bool operator==(const ServerEvent& one, const ServerEvent& other) {
  return one.type == other.type && one.data == other.data && one.id == other.id &&
         one.is_bare == other.is_bare;
}

namespace {

using Events = std::vector<ServerEvent>;

struct Heard {
  Events events = {};
  Result<void> end = {};
};

// What comes of `body` fed in pieces of `size` bytes.
Heard hear(std::string_view body, std::size_t size, std::size_t limit = 1000) {
  Heard heard;
  const auto keep = [&heard](const ServerEvent& event) {
    heard.events.push_back(event);
    return Result<void>{};
  };
  EventStream stream(keep, limit);
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    heard.end = stream.feed(body.substr(0, size));
    if (!heard.end) return heard;
  }
  heard.end = stream.finish();
  return heard;
}

void expect_heard(std::string_view body, const Events& events) {
  for (std::size_t size = 1; size <= body.size() + 1; ++size) {
    const Heard heard = hear(body, size);
    EXPECT_TRUE(heard.end) << size << ": " << heard.end.error().message;
    EXPECT_EQ(heard.events, events) << "in pieces of " << size;
  }
}

TEST(EventStream, TakesEveryLineEnd) {
  const Events events = {{.data = "{\"a\":1}"}, {.data = "{\"b\":2}"}};
  expect_heard("data: {\"a\":1}\n\ndata: {\"b\":2}\n\n", events);
  expect_heard("data: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\n", events);
  expect_heard("data: {\"a\":1}\r\rdata: {\"b\":2}\r\r", events);
  expect_heard("data: {\"a\":1}\r\n\ndata: {\"b\":2}\n\r\n", events);
}

TEST(EventStream, TakesDataWithAndWithoutTheBlank) {
  expect_heard("data:x\n\ndata: x\n\ndata:  x\n\ndata:\n\ndata\n\n",
               {{.data = "x"}, {.data = "x"}, {.data = " x"}, {.data = ""}, {.data = ""}});
}

TEST(EventStream, JoinsTheDataLinesOfAnEvent) {
  expect_heard("data: {\ndata:  \"a\": 1\ndata: }\n\n", {{.data = "{\n \"a\": 1\n}"}});
}

TEST(EventStream, KeepsTypeAndIdAndPassesOverCommentsAndUnknownFields) {
  expect_heard(
      ": hello\nevent: delta\nid: 7\nretry: 100\nwhat: ever\ndata: a\n\n:\n\ndata: b\n\n"
      "event: lost\n\ndata: c\n\n",
      {{.type = "delta", .data = "a", .id = "7"},
       {.data = "b", .id = "7"},
       {.data = "c", .id = "7"}});
}

TEST(EventStream, TellsTheLastEventWithoutABlankLineAfterIt) {
  expect_heard("data: a\n\ndata: b", {{.data = "a"}, {.data = "b"}});
  expect_heard("data: a\n\ndata: b\n", {{.data = "a"}, {.data = "b"}});
  expect_heard("data: a\r\n\r\ndata: b\r", {{.data = "a"}, {.data = "b"}});
}

TEST(EventStream, KeepsCharactersOfSeveralBytesAndPassesOverAByteOrderMark) {
  expect_heard(
      "\xEF\xBB\xBF"
      "data: ключ 日本🎌\n\n",
      {{.data = "ключ 日本🎌"}});
}

TEST(EventStream, TellsABareDocumentAmongTheEvents) {
  expect_heard("data: {\"a\":1}\r\n\r\n{\r\n  \"error\": {\r\n    \"code\": 499\r\n  }\r\n}\r\n",
               {{.data = "{\"a\":1}"},
                {.data = "{\n  \"error\": {\n    \"code\": 499\n  }\n}", .is_bare = true}});
  expect_heard("data: a\n{}\ndata: b\n\n",
               {{.data = "a"}, {.data = "{}", .is_bare = true}, {.data = "b"}});
}

TEST(EventStream, TellsABareDocumentThatStandsForTheWholeStream) {
  const std::string document = "{\n  \"error\": { \"message\": \"data: }\" }\n}";
  expect_heard(document, {{.data = document, .is_bare = true}});
  expect_heard("[" + document + "\n]\n", {{.data = document, .is_bare = true}});
}

TEST(EventStream, TakesAMarkInBracketsForNoDocument) {
  expect_heard("data: [DONE]\n\n[DONE]\n", {{.data = "[DONE]"}});
}

TEST(EventStream, TellsAnEventAsSoonAsItsBlankLineIsThere) {
  std::size_t told = 0;
  EventStream stream([&told](const ServerEvent&) { return ++told, Result<void>{}; });

  ASSERT_TRUE(stream.feed("data: a\r\n"));
  EXPECT_EQ(told, 0U);
  ASSERT_TRUE(stream.feed("\r"));
  EXPECT_EQ(told, 1U);
  ASSERT_TRUE(stream.feed("\n"));
  EXPECT_EQ(told, 1U);
}

TEST(EventStream, SaysThatABareDocumentBrokeOff) {
  for (std::size_t size = 1; size < 20; ++size) {
    const Heard heard = hear("data: a\n\n{\"error\":", size);
    ASSERT_FALSE(heard.end);
    EXPECT_EQ(heard.end.error().message, "the server's answer broke off before its end");
    EXPECT_EQ(heard.events.size(), 1U);
  }
}

TEST(EventStream, BoundsAnEventHoweverItIsMadeUp) {
  const std::string xs(30, 'x');
  const std::vector<std::string> bodies = {
      "data: " + xs + "\n\n", "data: xxxxxxxxxx\ndata: xxxxxxxxxx\ndata: xxxxxxxxxx\n\n", ":" + xs,
      "id: " + xs + "\n\n", "{\n\"a\":\n\"xxxxxxxxxx\",\n\"b\":\"xxxxxxxxxx\"}"};
  for (const std::string& body : bodies) {
    for (std::size_t size = 1; size <= body.size(); ++size) {
      const Heard heard = hear(body, size, 25);
      ASSERT_FALSE(heard.end) << body;
      EXPECT_EQ(heard.end.error().code, ErrorCode::bad_response);
      EXPECT_TRUE(heard.end.error().message.ends_with("is longer than 25 bytes"));
      EXPECT_TRUE(heard.events.empty());
    }
  }
}

TEST(EventStream, PassesOnTheErrorOfWhoIsTold) {
  const auto refuse = [](const ServerEvent&) -> Result<void> {
    return failure(ErrorCode::refused, "no more");
  };
  EventStream fed_stream(refuse);
  EventStream finished_stream(refuse);

  const auto fed = fed_stream.feed("data: a\n\ndata: b\n\n");
  ASSERT_TRUE(finished_stream.feed("data: a"));
  const auto finished = finished_stream.finish();

  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "no more");
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().message, "no more");
}

}  // namespace
}  // namespace atonce::protocol
