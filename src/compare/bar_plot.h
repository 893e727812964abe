// Lying bars, each under its name and its figure.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/line_plot.h"
#include "compare/markup.h"
#include "compare/report.h"
#include "compare/svg.h"

namespace atonce::compare {

struct Bar {
  std::string name = {};
  std::string figure = {};  // what is written at its end
  Look look = {};
  Interval value = {};
  Attributes data = {};
};

struct BarPlot {
  std::string id = {};
  std::string title = {};
  std::string description = {};
  Dimension value = {};
  std::vector<Bar> bars = {};
  std::optional<Guide> guide = std::nullopt;  // its x is a value
};

// An SVG element; a linear scale from 0.
[[nodiscard]] std::string draw_bar_plot(const BarPlot& plot);

}  // namespace atonce::compare
