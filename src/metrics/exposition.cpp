#include "metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/clock.h"

namespace atonce::metrics {
namespace {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::counter: return "counter";
    case Kind::gauge: return "gauge";
    case Kind::histogram: return "histogram";
  }
  return "untyped";
}

void append_escaped(std::string& text, std::string_view raw, bool is_quoted) {
  for (const char letter : raw) {
    if (letter == '\n') {
      text += "\\n";
      continue;
    }
    if (letter == '\\' || (is_quoted && letter == '"')) text += '\\';
    text += letter;
  }
}

template <typename Number>
void append_number(std::string& text, Number value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

void append_value(std::string& text, double value) {
  if (std::isnan(value)) {
    text += "NaN";
  } else if (std::isinf(value)) {
    text += value > 0 ? "+Inf" : "-Inf";
  } else {
    append_number(text, value);
  }
}

// As people write a bound, and as the names of series are compared: 0.0001, not 1e-04.
std::string bound_text(Duration bound) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), to_seconds(bound),
                                 std::chars_format::fixed)
                       .ptr;
  return {digits.data(), end};
}

}  // namespace

void Exposition::begin(Kind kind, std::string_view name, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help, false);
  text_.append("\n# TYPE ").append(name).append(" ").append(name_of(kind)).append("\n");
}

void Exposition::head(std::string_view suffix, const Labels& labels, std::string_view bound) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto label = [&](std::string_view name, std::string_view value) {
    text_.append(1, std::exchange(before, ',')).append(name).append("=\"");
    append_escaped(text_, value, true);
    text_ += '"';
  };
  for (const auto& [name, value] : labels) label(name, value);
  if (!bound.empty()) label("le", bound);
  text_ += before == '{' ? " " : "} ";
}

void Exposition::sample(const Labels& labels, double value) {
  head("", labels);
  append_value(text_, value);
  text_ += '\n';
}

void Exposition::sample(const Labels& labels, std::uint64_t value) {
  head("", labels);
  append_number(text_, value);
  text_ += '\n';
}

void Exposition::sample(const Labels& labels, const Histogram::Counts& counts) {
  std::uint64_t at_most = 0;
  for (std::size_t index = 0; index < counts.buckets.size(); ++index) {
    at_most += counts.buckets[index];
    const bool has_bound = index < Histogram::kBounds.size();
    head("_bucket", labels, has_bound ? bound_text(Histogram::kBounds[index]) : "+Inf");
    append_number(text_, at_most);
    text_ += '\n';
  }
  head("_sum", labels);
  append_number(text_, to_seconds(counts.sum));
  text_ += '\n';
  head("_count", labels);
  append_number(text_, counts.count);
  text_ += '\n';
}

}  // namespace atonce::metrics
