#include "base/terminal_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/json.h"

namespace atonce {
namespace {

// Eighths of a block, from the left.
constexpr std::array<std::string_view, 8> kEighths{"",       "\u258f", "\u258e", "\u258d",
                                                   "\u258c", "\u258b", "\u258a", "\u2589"};
constexpr std::string_view kBlock = "\u2588";
constexpr std::string_view kLine = "\u2502";

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Bytes of the first `columns` characters.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!continues_character(text[at]) && columns-- == 0) break;
  }
  return at;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

std::string printable(std::string_view text) {
  const std::string valid = json::to_valid_utf8(text);
  std::string line;
  for (std::size_t at = 0; at < valid.size(); ++at) {
    const auto byte = static_cast<unsigned char>(valid[at]);
    const auto next = at + 1 < valid.size() ? static_cast<unsigned char>(valid[at + 1]) : 0;
    if (byte < 0x20 || byte == 0x7F) {
      line += ' ';
    } else if (byte == 0xC2 && next < 0xA0) {  // U+0080 to U+009F: controls too
      line += ' ', ++at;
    } else {
      line += valid[at];
    }
  }
  return line;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, std::not_fn(continues_character)));
}

std::string padded(std::string_view text, std::size_t columns, Side side) {
  const std::size_t taken = columns_of(text);
  const std::string blanks(columns > taken ? columns - taken : 0, ' ');
  return side == Side::left ? std::string(text) + blanks : blanks + std::string(text);
}

std::string clipped(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  constexpr std::string_view kRest = "...";
  if (columns <= kRest.size()) return std::string(text.substr(0, bytes_of(text, columns)));
  return std::string(text.substr(0, bytes_of(text, columns - kRest.size()))).append(kRest);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  columns = std::max<std::size_t>(columns, 1);
  std::vector<std::string> lines;
  for (std::string_view word : words_of(text)) {
    const bool fits = !lines.empty() && columns_of(lines.back()) + 1 + columns_of(word) <= columns;
    if (fits) {
      lines.back().append(" ").append(word);
      continue;
    }
    while (columns_of(word) > columns) {
      const std::size_t cut = bytes_of(word, columns);
      lines.emplace_back(word.substr(0, cut));
      word.remove_prefix(cut);
    }
    lines.emplace_back(word);
  }
  return lines;
}

std::string paragraph(std::string_view first, std::string_view text, std::size_t columns) {
  const std::size_t indent = columns_of(first);
  std::string all;
  std::string before(first);
  for (const std::string& line : wrapped(text, columns > indent ? columns - indent : 1)) {
    all.append(before).append(line).append("\n");
    before.assign(indent, ' ');
  }
  return all;
}

std::string bar(double length, double mark, std::size_t columns, bool unicode) {
  const std::size_t steps = unicode ? kEighths.size() : 1;
  const auto whole = static_cast<double>(columns);
  const auto least = static_cast<long>(length > 0 ? 1 : 0);
  const long drawn = std::max(
      least, std::lround(std::clamp(length, 0.0, 1.0) * whole * static_cast<double>(steps)));
  const auto length_steps = static_cast<std::size_t>(drawn);
  const auto mark_column = static_cast<std::size_t>(std::max(0.0, mark) * whole);
  std::string text;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t from = column * steps;
    if (from + steps <= length_steps) {
      text += unicode ? kBlock : "#";
    } else if (from < length_steps) {
      text += kEighths[length_steps - from];
    } else if (column == mark_column) {
      text += unicode ? kLine : "|";
    } else {
      text += ' ';
    }
  }
  return text;
}

std::string inked(std::string_view text, Ink ink, bool colour) {
  if (!colour || ink == Ink::plain) return std::string(text);
  constexpr std::array<std::string_view, 5> kEscapes{"", "\033[1m", "\033[2m", "\033[32m",
                                                     "\033[31m"};
  std::string all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      all.append(kEscapes[static_cast<std::size_t>(ink)]).append(text.substr(0, end));
      all.append("\033[0m");
    }
    if (end < text.size()) all += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

}  // namespace atonce
