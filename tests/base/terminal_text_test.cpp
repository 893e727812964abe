#include "base/terminal_text.h"

#include <gtest/gtest.h>

namespace atonce {
namespace {

using Lines = std::vector<std::string>;

TEST(TerminalText, TakesControlCharactersOut) {
  EXPECT_EQ(printable("a\nb\t\x1b[31mc\x7f"), "a b  [31mc ");
  EXPECT_EQ(printable("\u009b31m"), " 31m");  // the same escape in one character
  EXPECT_EQ(printable("gr\u00fc\u00df\xff"), "gr\u00fc\u00df\uFFFD");
}

TEST(TerminalText, CountsCharactersAndNotBytes) {
  EXPECT_EQ(columns_of("gr\u00fc\u00df \u2588"), 6);
  EXPECT_EQ(padded("\u00fc", 3, Side::left), "\u00fc  ");
  EXPECT_EQ(padded("\u00fc", 3, Side::right), "  \u00fc");
  EXPECT_EQ(padded("too long", 3, Side::right), "too long");
}

TEST(TerminalText, ShowsThatItHasCutSomethingOff) {
  EXPECT_EQ(clipped("abcdef", 6), "abcdef");
  EXPECT_EQ(clipped("abcdefg", 6), "abc...");
  EXPECT_EQ(clipped("\u00fc\u00fc\u00fc\u00fc\u00fc", 4), "\u00fc...");
  EXPECT_EQ(clipped("abcdef", 2), "ab");
}

TEST(TerminalText, BreaksLinesBetweenWords) {
  EXPECT_EQ(wrapped("one two  three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("", 7), Lines{});
}

TEST(TerminalText, BreaksAWordOnlyWhenItIsWiderThanALine) {
  EXPECT_EQ(wrapped("a /long/path b", 6), (Lines{"a", "/long/", "path b"}));
}

TEST(TerminalText, IndentsTheLinesAfterTheFirst) {
  EXPECT_EQ(paragraph("  - ", "one two", 7), "  - one\n    two\n");
}

TEST(TerminalText, DrawsABarAnEighthOfAColumnFine) {
  EXPECT_EQ(bar(0.5, 2, 4, true), "\u2588\u2588  ");
  EXPECT_EQ(bar(0.625, 2, 4, true), "\u2588\u2588\u258c ");
  EXPECT_EQ(bar(0.5, 2, 4, false), "##  ");
  EXPECT_EQ(bar(7, 2, 2, false), "##");
}

TEST(TerminalText, ShowsTheSmallestLengthThatIsNotNothing) {
  EXPECT_EQ(bar(1e-6, 2, 2, true), "\u258f ");
  EXPECT_EQ(bar(1e-6, 2, 2, false), "# ");
  EXPECT_EQ(bar(0, 2, 2, false), "  ");
}

TEST(TerminalText, DrawsTheMarkWhereTheBarDoesNotReachIt) {
  EXPECT_EQ(bar(0.25, 0.5, 4, false), "# | ");
  EXPECT_EQ(bar(0.5, 0.5, 4, true), "\u2588\u2588\u2502 ");
  EXPECT_EQ(bar(1, 0.5, 4, false), "####");
}

TEST(TerminalText, EndsItsInkWithEachLine) {
  EXPECT_EQ(inked("a\n\nb\n", Ink::bold, true), "\033[1ma\033[0m\n\n\033[1mb\033[0m\n");
  EXPECT_EQ(inked("a", Ink::bold, false), "a");
}

}  // namespace
}  // namespace atonce
