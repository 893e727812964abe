#include "check/source.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace atonce::check {
namespace {

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  return std::move(text).str();
}

// The quote that `text` begins with: one, or three of which the string ends at three.
std::string_view quote_before(std::string_view text) {
  const bool is_triple = text.size() >= 3 && text[0] == text[1] && text[1] == text[2];
  return text.substr(0, is_triple ? 3 : 1);
}

// What follows the first '#' that is in no string. A string that began on an earlier line is taken
// for code: its text would have to look like such a comment to be mistaken for one.
std::string_view comment_of(std::string_view line) {
  std::string_view quote;  // of the string that this is in
  while (!line.empty()) {
    std::size_t read = 1;
    if (!quote.empty() && line.front() == '\\') {
      read = 2;
    } else if (!quote.empty() && line.starts_with(quote)) {
      read = quote.size();
      quote = {};
    } else if (quote.empty() && (line.front() == '"' || line.front() == '\'')) {
      quote = quote_before(line);
      read = quote.size();
    } else if (quote.empty() && line.front() == '#') {
      return line.substr(1);
    }
    line.remove_prefix(std::min(read, line.size()));
  }
  return {};
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const auto word = trimmed(text.substr(0, end)); !word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

Sources::Sources(const std::map<std::string, std::string>& texts) {
  for (const auto& [file, text] : texts) lines_[file] = split_lines(text);
}

std::string Sources::line(const Place& place) {
  const std::vector<std::string>& lines = lines_of(place.file);
  const auto number = static_cast<std::size_t>(std::max(0, place.line));
  return number == 0 || number > lines.size() ? "" : lines[number - 1];
}

const std::vector<std::string>& Sources::lines_of(const std::string& file) {
  const auto known = lines_.find(file);
  if (known != lines_.end()) return known->second;
  return lines_.emplace(file, split_lines(read_file(file))).first->second;
}

std::optional<Allowance> allowance_in(std::string_view line) {
  constexpr std::string_view kMark = "atonce:";
  constexpr std::string_view kAllow = "allow(";
  std::string_view comment = comment_of(line);
  const std::size_t mark = comment.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  comment = trimmed(comment.substr(mark + kMark.size()));
  const std::size_t end = comment.find(')');
  if (!comment.starts_with(kAllow) || end == std::string_view::npos) return std::nullopt;
  std::string_view reason = trimmed(comment.substr(end + 1));
  while (!reason.empty() && std::string_view(":-,").contains(reason.front())) {
    reason = trimmed(reason.substr(1));
  }
  return Allowance{.kinds = split_words(comment.substr(kAllow.size(), end - kAllow.size())),
                   .reason = std::string(reason)};
}

}  // namespace atonce::check
