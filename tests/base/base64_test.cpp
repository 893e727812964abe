#include "base/base64.h"

#include <gtest/gtest.h>

namespace atonce {
namespace {

// The vectors of RFC 4648, section 10, and bytes that are no text.
TEST(Base64, IsPaddedToWholeGroups) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesBytesOfEveryValue) {
  EXPECT_EQ(to_base64(std::string_view("\x00\xff\xfe", 3)), "AP/+");
  EXPECT_EQ(to_base64(std::string_view("\x00", 1)), "AA==");
}

TEST(Base64, ComesBackAsItWas) {
  for (const std::string_view bytes :
       {std::string_view(""), std::string_view("f"), std::string_view("fo"),
        std::string_view("foobar"), std::string_view("\x00\xff\xfe", 3)}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatItWouldNotHaveWritten) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zm9=", "Z m8=",
                                      "Zm8=Zm8=", "Zm-_", "====", "Zm8\n"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace atonce
