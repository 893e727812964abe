#include "base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace atonce {
namespace {

TEST(PercentEncoded, LeavesWhatUrisHoldAsItIs) {
  EXPECT_EQ(percent_encoded("aZ09-._~", ""), "aZ09-._~");
  EXPECT_EQ(percent_encoded("models/a@1", "/@"), "models/a@1");
}

TEST(PercentEncoded, WritesOtherBytesAsTwoCapitalDigits) {
  EXPECT_EQ(percent_encoded("a/b c%", ""), "a%2Fb%20c%25");
  EXPECT_EQ(percent_encoded("\xC3\xA9\x7F", "/"), "%C3%A9%7F");
  EXPECT_EQ(percent_encoded(std::string_view("\0", 1), "/"), "%00");
}

TEST(Hexadecimal, HasTwoSmallDigitsForEachByte) {
  EXPECT_EQ(to_hexadecimal(std::array<unsigned char, 4>{0x00, 0x0f, 0xa0, 0xff}), "000fa0ff");
  EXPECT_EQ(to_hexadecimal({}), "");
}

}  // namespace
}  // namespace atonce
