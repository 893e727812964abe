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

}  // namespace
}  // namespace atonce
