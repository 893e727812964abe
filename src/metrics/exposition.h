// Writes figures in the text form that Prometheus reads (version 0.0.4). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/histogram.h"

namespace atonce::metrics {

enum class Kind { counter, gauge, histogram };

// Names are letters, digits and underscores; values are any UTF-8 text.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Exposition final {
 public:
  // What the following samples belong to; each name once. `help` is one sentence.
  void begin(Kind kind, std::string_view name, std::string_view help);

  void sample(const Labels& labels, double value);
  void sample(const Labels& labels, std::uint64_t value);
  void sample(const Labels& labels, const Histogram::Counts& counts);  // seconds

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void head(std::string_view suffix, const Labels& labels, std::string_view bound = {});

  std::string name_ = {};
  std::string text_ = {};
};

}  // namespace atonce::metrics
