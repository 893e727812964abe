#include "protocol/json_array_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atonce::protocol {
namespace {

using Texts = std::vector<std::string>;

struct Cut {
  Texts elements = {};
  Result<void> end = {};
};

// What comes of `body` fed in pieces of `size` bytes.
Cut cut(std::string_view body, std::size_t size, std::size_t limit = 1000) {
  Cut cut;
  const auto keep = [&cut](std::string_view element) {
    cut.elements.emplace_back(element);
    return Result<void>{};
  };
  JsonArrayStream stream(keep, limit);
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    cut.end = stream.feed(body.substr(0, size));
    if (!cut.end) return cut;
  }
  cut.end = stream.finish();
  return cut;
}

void expect_cut(std::string_view body, const Texts& elements) {
  for (std::size_t size = 1; size <= body.size() + 1; ++size) {
    const Cut found = cut(body, size);
    EXPECT_TRUE(found.end) << size << ": " << found.end.error().message;
    EXPECT_EQ(found.elements, elements) << body << " in pieces of " << size;
  }
}

void expect_refused(std::string_view body, std::string_view message) {
  for (std::size_t size = 1; size <= body.size() + 1; ++size) {
    const Cut found = cut(body, size);
    ASSERT_FALSE(found.end) << body << " in pieces of " << size;
    EXPECT_EQ(found.end.error().code, ErrorCode::bad_response);
    EXPECT_EQ(found.end.error().message, message);
  }
}

TEST(JsonArrayStream, CutsAnArrayIntoTheTextsOfItsObjects) {
  expect_cut("[{\"a\": 1}\n,\r\n{ \"b\": [ {}, [2.0] ] } ]\n",
             {"{\"a\": 1}", "{ \"b\": [ {}, [2.0] ] }"});
  expect_cut("[]", {});
  expect_cut("", {});
}

TEST(JsonArrayStream, IsNotMisledByBracesAndQuotesInStrings) {
  expect_cut(R"([{"a":"}]\"{["},{"b\\":"\\"},{"\"":"\u007d"}])",
             {R"({"a":"}]\"{["})", R"({"b\\":"\\"})", R"({"\"":"\u007d"})"});
}

TEST(JsonArrayStream, KeepsCharactersOfSeveralBytes) {
  expect_cut("[{\"ключ\":\"日本🎌\"}]", {"{\"ключ\":\"日本🎌\"}"});
}

TEST(JsonArrayStream, TakesLoneObjectsAsWell) {
  expect_cut(" {\"a\":1} ", {"{\"a\":1}"});
  expect_cut("{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"});
}

TEST(JsonArrayStream, TellsAnElementBeforeTheNextByteComes) {
  std::size_t told = 0;
  JsonArrayStream stream([&told](std::string_view) { return ++told, Result<void>{}; });

  ASSERT_TRUE(stream.feed("[{\"a\":{}"));
  EXPECT_EQ(told, 0U);
  ASSERT_TRUE(stream.feed("}"));
  EXPECT_EQ(told, 1U);
  EXPECT_FALSE(stream.is_complete());
  ASSERT_TRUE(stream.feed("]"));
  EXPECT_TRUE(stream.is_complete());
}

TEST(JsonArrayStream, SaysThatTheBodyBrokeOff) {
  const std::string_view message = "the server's answer broke off before its end";
  for (const auto* body : {"[", "[{}", "[{},", "{", "[{\"a", "[{\"a\\\"}]"}) {
    expect_refused(body, message);
  }
}

TEST(JsonArrayStream, RefusesWhatIsNoArrayOfObjects) {
  const std::string_view message = "the server's answer is no JSON array of objects";
  for (const auto* body : {"<html>", "[1]", "[[{}]]", "]", "{},{}", "[{}]]", "data: {}", "\"a\""}) {
    expect_refused(body, message);
  }
}

TEST(JsonArrayStream, BoundsAnElement) {
  const std::string fits = "{\"a\":\"" + std::string(20, 'x') + "\"}";
  const std::string body = "[" + fits + "," + fits + "]";
  for (std::size_t size = 1; size <= body.size(); ++size) {
    EXPECT_TRUE(cut(body, size, fits.size()).end);
    const Cut found = cut(body, size, fits.size() - 1);
    ASSERT_FALSE(found.end);
    EXPECT_EQ(found.end.error().message,
              "an element of the server's answer is longer than 27 bytes");
    EXPECT_TRUE(found.elements.empty());
  }
}

TEST(JsonArrayStream, PassesOnTheErrorOfWhoIsTold) {
  JsonArrayStream stream(
      [](std::string_view) -> Result<void> { return failure(ErrorCode::refused, "no more"); });

  const auto fed = stream.feed("[{},{}]");

  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "no more");
}

}  // namespace
}  // namespace atonce::protocol
