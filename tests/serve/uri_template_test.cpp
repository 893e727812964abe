#include "serve/uri_template.h"

#include <gtest/gtest.h>

namespace atonce::serve {
namespace {

using Variables = std::map<std::string, std::string>;

TEST(Template, IsFittedFromLeftToRight) {
  EXPECT_EQ(match_template("test://{id}/data", "test://7/data"), (Variables{{"id", "7"}}));
  EXPECT_EQ(match_template("a{x}-{y}", "a1-2-3"), (Variables{{"x", "1"}, {"y", "2-3"}}));
  EXPECT_EQ(match_template("plain", "plain"), Variables{});
  EXPECT_EQ(match_template("{all}", "x"), (Variables{{"all", "x"}}));
}

TEST(Template, IsNotFittedByMoreOrLess) {
  EXPECT_FALSE(match_template("test://{id}/data", "test://7/data/more"));
  EXPECT_FALSE(match_template("test://{id}/data", "test://7/dat"));
  EXPECT_FALSE(match_template("test://{id}/data", "TEST://7/data"));
  EXPECT_FALSE(match_template("test://{id}/data", "test:///data"));
  EXPECT_FALSE(match_template("test://{id}", "test://"));
  EXPECT_FALSE(match_template("plain", "plain "));
  EXPECT_FALSE(match_template("plain", ""));
}

TEST(Template, GivesAVariableNoSlash) {
  EXPECT_FALSE(match_template("file:///{name}", "file:///../etc/passwd"));
  EXPECT_FALSE(match_template("test://{id}/data", "test://a/b/data"));
}

TEST(Template, DecodesAVariable) {
  EXPECT_EQ(match_template("t:{x}", "t:a%20b%C3%BC"), (Variables{{"x", "a b\u00fc"}}));
  EXPECT_FALSE(match_template("t:{x}", "t:%"));
  EXPECT_FALSE(match_template("t:{x}", "t:%2"));
  EXPECT_FALSE(match_template("t:{x}", "t:%zz"));
  EXPECT_FALSE(match_template("t:{x}", "t:%-1"));
  EXPECT_FALSE(match_template("t:{x}", "t:%ff"));  // no UTF-8
}

TEST(Template, GivesAVariableAnEncodedSlash) {
  EXPECT_EQ(match_template("t:{x}", "t:a%2Fb"), (Variables{{"x", "a/b"}}));
  EXPECT_EQ(match_template("t:{x}", "t:a%2F..%2Fb"), (Variables{{"x", "a/../b"}}));
  EXPECT_EQ(match_template("t:{x}", "t:v1..v2"), (Variables{{"x", "v1..v2"}}));
}

TEST(Template, GivesAVariableNothingThatLeadsOut) {
  for (const std::string_view value :
       {"..", "%2E%2E", "..%2Fetc", "a%2F..%2F..%2Fb", "..%5Cetc", "a%5C..%5C..", "%2Fetc",
        "%5Cserver", "a%00", ".%2F..%2Fx", "a%2F%2F..%2F..%2Fx"}) {
    EXPECT_FALSE(match_template("t:{x}", "t:" + std::string(value))) << value;
  }
}

TEST(Template, ThatIsNoneFitsNothing) {
  EXPECT_FALSE(match_template("t:{x", "t:1"));
  EXPECT_FALSE(match_template("t:{x}{y}", "t:12"));
}

}  // namespace
}  // namespace atonce::serve
