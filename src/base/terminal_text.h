// Texts cut to the columns of a terminal. A character counts as one column.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atonce {

// `text` as one line of valid UTF-8 without control characters.
[[nodiscard]] std::string printable(std::string_view text);

[[nodiscard]] std::size_t columns_of(std::string_view text);

enum class Side { left, right };

// With blanks so that it takes `columns` at least, and stands on that side of them.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns, Side side);

// At most `columns`, with "..." for what is cut off.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t columns);

// The lines of `text`, broken between words, and within words that are wider than a line.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

// Wrapped into `columns` in all: `first` stands before the first line, as many blanks before the
// others. Every line ends in a newline.
[[nodiscard]] std::string paragraph(std::string_view first, std::string_view text,
                                    std::size_t columns);

// A bar of `length`, and a line at `mark` where the bar does not reach it; both are shares of
// `columns`, which is what it takes. A length above 0 is seen, however small.
[[nodiscard]] std::string bar(double length, double mark, std::size_t columns, bool unicode);

enum class Ink { plain, bold, dim, green, red };

// With the escapes of that ink around each of its lines, if `colour`.
[[nodiscard]] std::string inked(std::string_view text, Ink ink, bool colour);

}  // namespace atonce
