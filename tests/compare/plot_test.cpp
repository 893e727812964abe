// The SVG writer: axes, lines, bars and timelines, from values to marks.

// gcc 12 takes <regex> for uninitialized where a sanitizer is on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "compare/axis.h"
#include "compare/bar_plot.h"
#include "compare/line_plot.h"
#include "compare/timeline_plot.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

std::string plain(double value) { return fmt::format("{:g}", value); }

std::vector<double> ticks_of(const Axis& axis) {
  std::vector<double> values;
  for (const Tick& tick : axis.ticks) values.push_back(tick.value);
  return values;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The numbers of the first match's groups.
std::vector<double> numbers_in(const std::string& svg, const std::string& pattern) {
  std::smatch match;
  std::vector<double> numbers;
  if (!std::regex_search(svg, match, std::regex(pattern))) return numbers;
  for (std::size_t at = 1; at < match.size(); ++at) numbers.push_back(std::stod(match[at]));
  return numbers;
}

PlotPoint point(double x, Interval y) {
  return {x, y, "at " + plain(x), {{"data-x", plain(x)}, {"data-y", plain(y.median)}}};
}

LinePlot two_points() {
  return {
      .id = "p",
      .title = "A title",
      .description = "A description",
      .x = {"across", Scale::linear, plain},
      .y = {"up", Scale::linear, plain},
      .series = {
          {"threads", {.css_class = "blue"}, {point(1, {1, 1, 1}), point(2, {1.93, 1.88, 1.97})}}}};
}

BarPlot two_bars() {
  return {.id = "b",
          .title = "A title",
          .description = "A description",
          .value = {"times", Scale::linear, plain},
          .bars = {{"one", "1.00 (0.90 to 1.10)", {}, {1, 0.9, 1.1}, {{"data-bar", "one"}}},
                   {"two", "2.00", {}, {2, 2, 2}, {{"data-bar", "two"}}}},
          .guide = Guide{1, "one after another"}};
}

TimelinePlot two_lanes() {
  return {.id = "t",
          .title = "A title",
          .description = "A description",
          .look = {},
          .seconds = 0,
          .spans = {{.started = 0ms, .ended = 500ms, .lane = 0},
                    {.started = 250ms, .ended = 1000ms, .lane = 1}},
          .data = {{"data-kind", "threads_nogil"}}};
}

TEST(Axis, StartsAtZeroAndEndsAtARoundValueWhenLinear) {
  const Axis axis = make_axis(Scale::linear, std::vector{1.4, 1.9}, plain);

  EXPECT_EQ(ticks_of(axis), (std::vector<double>{0, 0.5, 1, 1.5, 2}));
  EXPECT_EQ(axis.place(0), 0);
  EXPECT_DOUBLE_EQ(axis.place(1), 0.5);
  EXPECT_EQ(axis.place(2), 1);
}

TEST(Axis, HoldsNegativeValuesWhenLinear) {
  const Axis axis = make_axis(Scale::linear, std::vector{-3.0, 4.0}, plain);

  EXPECT_LE(axis.low, -3);
  EXPECT_GE(axis.high, 4);
}

TEST(Axis, MarksPowersOfTwo) {
  const Axis axis = make_axis(Scale::log2, std::vector{0.9, 30.0}, plain);

  EXPECT_EQ(ticks_of(axis), (std::vector<double>{0.5, 1, 2, 4, 8, 16, 32}));
  EXPECT_DOUBLE_EQ(axis.place(4), 0.5);
}

TEST(Axis, MarksMoreThanPowersWhereThereAreFew) {
  EXPECT_EQ(ticks_of(make_axis(Scale::log2, std::vector{0.95, 1.9}, plain)),
            (std::vector<double>{0.75, 1, 1.5, 2}));
}

TEST(Axis, MarksDecades) {
  const std::vector<double> ticks =
      ticks_of(make_axis(Scale::log10, std::vector{2e-5, 3e-3}, plain));

  ASSERT_EQ(ticks.size(), 4);
  EXPECT_DOUBLE_EQ(ticks.front(), 1e-5);
  EXPECT_DOUBLE_EQ(ticks.back(), 1e-2);
}

TEST(Axis, HasAPlaceForZeroBeforeAllOtherValuesOfALogarithm) {
  const Axis axis = make_axis(Scale::log10, std::vector{0.0, 1e3, 1e6}, plain);

  EXPECT_EQ(axis.ticks.front().label, "0");
  EXPECT_EQ(axis.place(0), 0);
  EXPECT_GT(axis.place(1e3), 0.1);
  EXPECT_DOUBLE_EQ(axis.place(1e6), 1);
}

TEST(Axis, HasFewTicksWhateverTheValues) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Scale scale : {Scale::linear, Scale::log2, Scale::log10}) {
    for (const auto& values : {std::vector<double>{},
                               {0.0},
                               {0.0, 0.0},
                               {5.0},
                               {1.0},
                               {1e-9, 1e9},
                               {3.0, 3.0 + 1e-12},
                               {kInfinity, 2.0},
                               {std::nan(""), -1.0}}) {
      const Axis axis = make_axis(scale, values, plain);
      EXPECT_GE(axis.ticks.size(), 2);
      EXPECT_LE(axis.ticks.size(), 10);
      EXPECT_LT(axis.low, axis.high);
      for (const double value : values) {
        const double place = axis.place(value);
        EXPECT_TRUE(std::isnan(value) || (place >= 0 && place <= 1)) << value;
      }
    }
  }
}

TEST(Axis, GoesThroughTheValuesItIsTold) {
  const Axis axis = axis_through(Scale::log2, {6, 1, 2, 4, 12, 1}, plain);

  EXPECT_EQ(ticks_of(axis), (std::vector<double>{1, 2, 4, 6, 12}));
  EXPECT_EQ(axis.place(1), 0);
  EXPECT_EQ(axis.place(12), 1);
  EXPECT_EQ(axis_through(Scale::log2, {1}, plain).place(1), 0.5);
}

TEST(Axis, WritesRoundFiguresShortly) {
  EXPECT_EQ(without_trailing_zeros("1.00 ms"), "1 ms");
  EXPECT_EQ(without_trailing_zeros("1.50"), "1.5");
  EXPECT_EQ(without_trailing_zeros("100 MB"), "100 MB");
  EXPECT_EQ(without_trailing_zeros("0 bytes"), "0 bytes");
}

TEST(Plot, IsAPictureWithANameAndADescription) {
  for (const std::string& svg :
       {draw_line_plot(two_points()), draw_bar_plot(two_bars()), draw_timeline_plot(two_lanes())}) {
    const std::regex named(
        R"rx(^<svg id="(.)" viewBox="0 0 380 \d+(\.\d)?" role="img" aria-labelledby="\1-title" )rx"
        R"rx(aria-describedby="\1-description">\n<title id="\1-title">A title</title>)rx"
        R"rx(<desc id="\1-description">A description</desc>)rx");
    EXPECT_TRUE(std::regex_search(svg, named)) << svg;
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
  }
}

TEST(Plot, EscapesWhatItIsGiven) {
  LinePlot plot = two_points();
  plot.title = "a<b";
  plot.x.name = "x & y";
  plot.series[0].name = "\"quoted\"";
  plot.series[0].points[0].title = "</title><script>";
  plot.series[0].points[0].data = {{"data-x", "\"><script>"}};

  const std::string svg = draw_line_plot(plot);

  EXPECT_NE(svg.find("a&lt;b"), std::string::npos);
  EXPECT_NE(svg.find("x &amp; y"), std::string::npos);
  EXPECT_NE(svg.find("&quot;quoted&quot;"), std::string::npos);
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
}

TEST(LinePlot, CarriesTheFiguresOfEachPoint) {
  const std::string svg = draw_line_plot(two_points());

  EXPECT_NE(svg.find(R"(data-x="1" data-y="1"><title>at 1</title>)"), std::string::npos);
  EXPECT_NE(svg.find(R"(data-x="2" data-y="1.93"><title>at 2</title>)"), std::string::npos);
}

TEST(LinePlot, PutsPointsWhereTheirTicksAre) {
  LinePlot plot = two_points();
  plot.series[0].points[1] = point(2, {2, 2, 2});

  const std::string svg = draw_line_plot(plot);

  // The tick's text stands four units below the line that it names.
  const auto tick = numbers_in(svg, R"rx(y="([\d.]+)" text-anchor="end" class="tick">2</text>)rx");
  const auto mark = numbers_in(svg, R"rx(translate\(([\d.]+) ([\d.]+)\)" data-x="2")rx");
  ASSERT_EQ(tick.size(), 1);
  ASSERT_EQ(mark.size(), 2);
  EXPECT_NEAR(mark[1], tick[0] - 4, 0.1);
}

TEST(LinePlot, ShowsAnIntervalOnlyWhereThereIsOne) {
  EXPECT_EQ(count_of(draw_line_plot(two_points()), "class=\"whisker\""), 1);
}

TEST(LinePlot, TellsSeriesApartWithoutColours) {
  LinePlot plot = two_points();
  plot.series.push_back(plot.series[0]);
  plot.series[1].look = {"green", Shape::square, true, "3 3"};

  const std::string svg = draw_line_plot(plot);

  EXPECT_EQ(count_of(svg, "stroke-dasharray=\"3 3\""), 2);  // its line, and in the legend
  EXPECT_EQ(count_of(svg, "mark hollow"), 3);
}

TEST(LinePlot, LeavesOutPointsThatAreNotFinite) {
  LinePlot plot = two_points();
  plot.series[0].points.push_back(point(3, {std::nan(""), 1, 1}));
  plot.series[0].points.push_back(point(4, {1, 1, std::numeric_limits<double>::infinity()}));

  const std::string svg = draw_line_plot(plot);

  EXPECT_EQ(svg, draw_line_plot(two_points()));
}

TEST(LinePlot, LeavesOutLabelsThatWouldOverlap) {
  LinePlot plot = two_points();
  plot.series[0].points = {point(1'000'000, {1, 1, 1}), point(1'000'001, {1, 1, 1}),
                           point(2'000'000, {1, 1, 1})};
  plot.x_ticks = {1'000'000, 1'000'001, 2'000'000};
  plot.x.show = [](double value) { return fmt::format("{:.0f}", value); };

  const std::string svg = draw_line_plot(plot);

  EXPECT_EQ(count_of(svg, ">1000000<"), 1);
  EXPECT_EQ(count_of(svg, ">1000001<"), 0);
  EXPECT_EQ(count_of(svg, ">2000000<"), 1);
}

TEST(BarPlot, DrawsBarsAsLongAsTheirValues) {
  const std::string svg = draw_bar_plot(two_bars());

  const auto one = numbers_in(svg, R"rx(data-bar="one"[^]*?width="([\d.]+)")rx");
  const auto two = numbers_in(svg, R"rx(data-bar="two"[^]*?width="([\d.]+)")rx");
  ASSERT_EQ(one.size(), 1);
  ASSERT_EQ(two.size(), 1);
  EXPECT_NEAR(two[0], 2 * one[0], 0.2);
}

TEST(BarPlot, WritesTheIntervalOnlyWhereThereIsRoom) {
  BarPlot plot = two_bars();
  EXPECT_EQ(count_of(draw_bar_plot(plot), ">1.00 (0.90 to 1.10)</text>"), 1);

  plot.bars[0].name = "a name that goes on for most of the line";
  EXPECT_EQ(count_of(draw_bar_plot(plot), ">1.00</text>"), 1);
}

TEST(TimelinePlot, DrawsEachCallInItsLane) {
  const std::string svg = draw_timeline_plot(two_lanes());

  const std::string place = R"rx([^]*?x="([\d.]+)" y="([\d.]+)" width="([\d.]+)")rx";
  const auto first =
      numbers_in(svg, R"(data-lane="0" data-started="0" data-ended="0.5" data-calls="1")" + place);
  const auto second =
      numbers_in(svg, R"(data-lane="1" data-started="0.25" data-ended="1" data-calls="1")" + place);
  ASSERT_EQ(first.size(), 3);
  ASSERT_EQ(second.size(), 3);
  EXPECT_NEAR(second[0] - first[0], first[2] / 2, 0.1);  // starts in the middle of the first
  EXPECT_NEAR(second[2], 1.5 * first[2], 0.1);
  EXPECT_GT(second[1], first[1]);
}

TEST(TimelinePlot, JoinsCallsThatAreTooShortToBeSeen) {
  const std::vector<Span> spans{{.started = 2ms, .ended = 3ms, .lane = 0},
                                {.started = 0ms, .ended = 1ms, .lane = 0},
                                {.started = 100ms, .ended = 300ms, .lane = 0},
                                {.started = 1ms, .ended = 2ms, .lane = 1}};

  EXPECT_EQ(blocks_of(spans, 0.01),
            (std::vector<Block>{{0, 0, 0.003, 2}, {0, 0.1, 0.3, 1}, {1, 0.001, 0.002, 1}}));
  EXPECT_EQ(blocks_of(spans, 0.0001).size(), spans.size());
}

TEST(TimelinePlot, DrawsSixteenLanesAndSaysHowManyMoreThereAre) {
  TimelinePlot plot = two_lanes();
  for (std::size_t lane = 0; lane < 40; ++lane) {
    plot.spans.push_back({.started = 0ms, .ended = 1s, .lane = lane});
  }

  const std::string svg = draw_timeline_plot(plot);

  EXPECT_EQ(count_of(svg, "data-lane=\"15\""), 1);
  EXPECT_EQ(count_of(svg, "data-lane=\"16\""), 0);
  EXPECT_EQ(count_of(svg, "24 more lanes are not drawn"), 1);
}

}  // namespace
}  // namespace atonce::compare
