// Pieces of HTML and SVG. What comes from outside is escaped here, and nowhere else.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atonce::compare {

struct Attribute {
  std::string name;
  std::string value;  // a text, not yet escaped

  friend bool operator==(const Attribute&, const Attribute&) = default;
};
using Attributes = std::vector<Attribute>;

// `text` for between tags and for attribute values: valid UTF-8, without control characters but
// for newlines and tabs.
[[nodiscard]] std::string escaped(std::string_view text);

// The same, with what stands between two backticks as <code>.
[[nodiscard]] std::string prose(std::string_view text);

// "<name a="b">".
[[nodiscard]] std::string opening(std::string_view name, const Attributes& attributes);

// "<name a="b">inner</name>"; `inner` is markup already.
[[nodiscard]] std::string element(std::string_view name, const Attributes& attributes,
                                  std::string_view inner);

// The same around a text.
[[nodiscard]] std::string text_element(std::string_view name, const Attributes& attributes,
                                       std::string_view text);

// A table of markup: the first cell of a row is its heading. For narrow screens each other cell
// tells the name of its column (`data-label`).
struct TableRow {
  std::vector<std::string> cells;
  Attributes attributes = {};
};
[[nodiscard]] std::string html_table(std::string_view caption,
                                     const std::vector<std::string>& heads,
                                     const std::vector<TableRow>& rows);

}  // namespace atonce::compare
