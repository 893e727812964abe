// Lines with bands: how one measure depends on another, for several series.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/axis.h"
#include "compare/markup.h"
#include "compare/report.h"
#include "compare/svg.h"

namespace atonce::compare {

struct PlotPoint {
  double x = 0;
  Interval y = {};         // all three alike where nothing is known of its spread
  std::string title = {};  // what a pointer over it shows
  Attributes data = {};    // "data-...": the figures, for who reads the page by machine
};

struct Series {
  std::string name = {};
  Look look = {};
  std::vector<PlotPoint> points = {};  // in the order of x
};

// One side of a plot.
struct Dimension {
  std::string name = {};
  Scale scale = Scale::linear;
  Label show = {};  // any figure; ticks lose their trailing zeros
};

// A vertical line at a value of x.
struct Guide {
  double x = 0;
  std::string name = {};
};

struct LinePlot {
  std::string id = {};
  std::string title = {};
  std::string description = {};
  Dimension x = {};
  Dimension y = {};
  std::vector<double> x_ticks = {};  // empty: round values
  std::vector<Series> series = {};
  std::vector<Guide> guides = {};
  // The line of y = x, from the first tick as far as the plot goes, and its name.
  std::optional<std::string> diagonal = std::nullopt;
  std::optional<double> y_shown = std::nullopt;  // a value that must lie on the plot too
};

// An SVG element; points that are not finite are left out.
[[nodiscard]] std::string draw_line_plot(const LinePlot& plot);

}  // namespace atonce::compare
