#include "base/json.h"

#include <gtest/gtest.h>

namespace atonce::json {
namespace {

Document parsed(std::string_view text) {
  auto document = Document::parse(text);
  EXPECT_TRUE(document) << text << ": " << document.error().message;
  return std::move(*document);
}

std::string error_of(std::string_view text, const Limits& limits = {}) {
  auto document = Document::parse(text, limits);
  return document ? "accepted" : document.error().message;
}

TEST(Json, KeepsTheExactTextOfEveryValue) {
  const Document document = parsed(
      R"( {"a": 3.0, "b": 123456789012345678901234567890, "c": {"d" : [1,  2]} , "e":"x\u0041"} )");
  const View root = document.root();

  EXPECT_EQ(root.find("a")->raw(), "3.0");
  EXPECT_EQ(root.find("b")->raw(), "123456789012345678901234567890");
  EXPECT_EQ(root.find("c")->raw(), R"({"d" : [1,  2]})");
  EXPECT_EQ(root.find("e")->raw(), R"("x\u0041")");
  EXPECT_EQ(root.find("e")->as_string(), "xA");
  EXPECT_FALSE(root.find("f"));
}

TEST(Json, ReadsIntegersInEverySpellingThatProto3Allows) {
  const Document document = parsed(R"([7, 7.0, "7", 7.5, "x", 1e3, null])");
  const auto items = document.root().items();

  EXPECT_EQ(items[0].as_int64(), 7);
  EXPECT_EQ(items[1].as_int64(), 7);
  EXPECT_EQ(items[2].as_int64(), 7);
  EXPECT_EQ(items[3].as_int64(), std::nullopt);
  EXPECT_EQ(items[4].as_int64(), std::nullopt);
  EXPECT_EQ(items[5].as_int64(), 1000);
  EXPECT_EQ(items[6].as_int64(), std::nullopt);
}

TEST(Json, TakesTheLastOfEqualKeysAndKeepsTheirOrder) {
  const Document document = parsed(R"({"b":1,"a":2,"b":3})");

  EXPECT_EQ(document.root().find("b")->as_int64(), 3);
  EXPECT_EQ(document.root().members().size(), 3U);
  EXPECT_EQ(document.root().members()[1].key, "a");
}

TEST(Json, FindsAMemberUnderEitherSpellingAndSkipsNull) {
  const Document document = parsed(R"({"toolConfig":null,"tool_config":{"x":1}})");

  EXPECT_EQ(document.root().find_either("toolConfig", "tool_config")->raw(), R"({"x":1})");
}

TEST(Json, ReadsATextThatIsOneScalar) {
  EXPECT_EQ(parsed(" \"a\" ").root().as_string(), "a");
  EXPECT_EQ(parsed("-0.5e1").root().as_double(), -5.0);
  EXPECT_EQ(parsed("true").root().as_bool(), true);
  EXPECT_TRUE(parsed("null").root().is(Kind::null));
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"", " ", "{", "[1,", "{\"a\":1,}", "[01]", "[1.]", "[+1]", "nul", "{} {}", "[1] 2", "1 2",
        "\"a\" x", "'a'", "{a:1}", "[\"\x80\"]", "<html>"}) {
    EXPECT_TRUE(error_of(text).starts_with("not JSON")) << text << ": " << error_of(text);
  }
}

TEST(Json, RefusesWhatIsTooDeepOrTooLarge) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');

  EXPECT_EQ(error_of(deep, {.max_depth = 128}), "nested deeper than 128 levels");
  EXPECT_EQ(error_of(deep, {.max_depth = 300}), "accepted");
  EXPECT_EQ(error_of("[1,2]", {.max_bytes = 4}),
            "the JSON text has 5 bytes, more than the limit of 4");
}

TEST(Json, StaysValidWhenTheDocumentMoves) {
  Document first = parsed(R"({"a":"b"})");
  const View root = first.root();
  const Document second = std::move(first);

  EXPECT_EQ(root.find("a")->as_string(), "b");
}

TEST(JsonWriter, WritesRawTextAsItIs) {
  Writer writer;
  writer.begin_object().key("n").raw("3.0").key("list").begin_array();
  writer.integer(-1).number(0.25).boolean(false).null().end_array().end_object();

  EXPECT_EQ(writer.take(), R"({"n":3.0,"list":[-1,0.25,false,null]})");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoted("a\xFFz\xE2\x82"), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\"\n\xC3\xA9"), "\"\\\"\\n\xC3\xA9\"");
}

TEST(JsonWriter, WritesNumbersThatAreNotFiniteAsWords) {
  Writer writer;
  writer.begin_array().number(0.0 / 0.0).number(1.0 / 0.0).number(-1.0 / 0.0).end_array();

  EXPECT_EQ(writer.take(), R"(["NaN","Infinity","-Infinity"])");
}

}  // namespace
}  // namespace atonce::json
