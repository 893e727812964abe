#include "compare/line_plot.h"

#include <algorithm>
#include <cmath>

namespace atonce::compare {
namespace {

constexpr double kLeft = 62;
constexpr double kRight = kWidth - 16;
constexpr double kTop = 46;
constexpr double kBottom = 246;
constexpr double kInset = 8;  // so that marks do not lie on the frame
constexpr double kLegendLine = 19;
constexpr double kSample = 30;  // of a line, in the legend

bool is_drawn(const PlotPoint& point) {
  return std::isfinite(point.x) && std::isfinite(point.y.median) && std::isfinite(point.y.low) &&
         std::isfinite(point.y.high);
}

struct Frame {
  Axis x;
  Axis y;

  [[nodiscard]] Spot spot(double at, double value) const {
    return {kLeft + kInset + x.place(at) * (kRight - kLeft - 2 * kInset),
            kBottom - y.place(value) * (kBottom - kTop)};
  }
};

Frame frame_of(const LinePlot& plot) {
  std::vector<double> across = plot.x_ticks;
  std::vector<double> up;
  if (plot.y_shown) up.push_back(*plot.y_shown);
  for (const Series& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      if (!is_drawn(point)) continue;
      across.push_back(point.x);
      up.insert(up.end(), {point.y.median, point.y.low, point.y.high});
    }
  }
  for (const Guide& guide : plot.guides) across.push_back(guide.x);
  const auto tick = [](const Label& show) {
    return [&show](double value) { return without_trailing_zeros(show(value)); };
  };
  return {plot.x_ticks.empty() ? make_axis(plot.x.scale, across, tick(plot.x.show))
                               : axis_through(plot.x.scale, across, tick(plot.x.show)),
          make_axis(plot.y.scale, up, tick(plot.y.show))};
}

std::string draw_axes(const LinePlot& plot, const Frame& frame) {
  std::string markup;
  for (const Tick& tick : frame.y.ticks) {
    const double y = frame.spot(0, tick.value).y;
    markup += svg_line({kLeft, y}, {kRight, y}, "grid");
    markup += svg_text({kLeft - 6, y + 4}, Anchor::end, "tick", tick.label);
  }
  constexpr double kApart = 8;
  double free_from = 0;  // where the label before ends
  for (const Tick& tick : frame.x.ticks) {
    const double x = frame.spot(tick.value, 0).x;
    const double half = text_width(tick.label) / 2;
    if (x - half < free_from) continue;
    free_from = x + half + kApart;
    markup += svg_line({x, kBottom}, {x, kBottom + 4}, "axis");
    markup += svg_text({x, kBottom + 18}, Anchor::middle, "tick", tick.label);
  }
  markup += svg_line({kLeft, kBottom}, {kRight, kBottom}, "axis");
  markup += svg_text({4, 14}, Anchor::start, "label", plot.y.name);
  return markup + svg_text({kRight, kBottom + 36}, Anchor::end, "label", plot.x.name);
}

std::string draw_guides(const LinePlot& plot, const Frame& frame) {
  std::string markup;
  for (const Guide& guide : plot.guides) {
    const double x = frame.spot(guide.x, 0).x;
    const double half = text_width(guide.name) / 2;
    const double middle = std::clamp(x, kLeft + half, std::max(kLeft + half, kRight - half));
    markup += svg_line({x, kTop - 4}, {x, kBottom}, "guide");
    markup += svg_text({middle, kTop - 10}, Anchor::middle, "tick", guide.name);
  }
  if (plot.diagonal) {
    const double from = std::max(frame.x.low, frame.y.low);
    const double to = std::min(frame.x.high, frame.y.high);
    if (from < to) markup += svg_line(frame.spot(from, from), frame.spot(to, to), "ideal");
  }
  return markup;
}

std::string points_of(const std::vector<Spot>& spots) {
  std::string text;
  for (const Spot& spot : spots) {
    text += (text.empty() ? "" : " ") + length(spot.x) + "," + length(spot.y);
  }
  return text;
}

std::string draw_series(const Series& series, const Frame& frame) {
  std::vector<Spot> middle, band, upper;
  std::string marks;
  for (const PlotPoint& point : series.points) {
    if (!is_drawn(point)) continue;
    const Spot low = frame.spot(point.x, point.y.low);
    const Spot high = frame.spot(point.x, point.y.high);
    middle.push_back(frame.spot(point.x, point.y.median));
    band.push_back(low);
    upper.push_back(high);
    if (point.y.low < point.y.high) marks += svg_line(low, high, "whisker");
    marks += svg_mark(series.look, middle.back(), point.title, point.data);
  }
  if (middle.empty()) return {};
  band.insert(band.end(), upper.rbegin(), upper.rend());
  std::string lines;
  if (middle.size() > 1) {
    lines =
        element("polygon", {{"class", "band"}, {"points", points_of(band)}}, "") + "\n" +
        element("polyline",
                {{"class", "line"},
                 {"points", points_of(middle)},
                 {"stroke-dasharray", series.look.dashes.empty() ? "none" : series.look.dashes}},
                "") +
        "\n";
  }
  return element("g", {{"class", series.look.css_class}}, "\n" + lines + marks) + "\n";
}

// Places the entries of a legend one beside the other, as many as a line holds.
class Legend {
 public:
  void add(std::string_view name, const std::string& css_class, std::string_view sample) {
    const double width = kSample + text_width(name) + 14;
    if (x_ > kStart && x_ + width > kWidth) x_ = kStart, y_ += kLegendLine;
    const std::string entry =
        std::string(sample) + svg_text({kSample, 4}, Anchor::start, "tick", name);
    markup_ += element("g",
                       {{"class", css_class},
                        {"transform", "translate(" + length(x_) + " " + length(y_) + ")"}},
                       entry) +
               "\n";
    x_ += width;
  }

  [[nodiscard]] const std::string& markup() const { return markup_; }
  [[nodiscard]] double bottom() const { return y_ + kLegendLine / 2; }

 private:
  static constexpr double kStart = 4;
  double x_ = kStart;
  double y_ = kBottom + 58;
  std::string markup_;
};

Legend legend_of(const LinePlot& plot) {
  constexpr Spot kFrom{0, 0};
  constexpr Spot kTo{kSample - 6, 0};
  Legend legend;
  for (const Series& series : plot.series) {
    if (std::ranges::none_of(series.points, is_drawn)) continue;
    const std::string& dashes = series.look.dashes;
    const std::string line =
        svg_line(kFrom, kTo, "line", {{"stroke-dasharray", dashes.empty() ? "none" : dashes}});
    legend.add(series.name, series.look.css_class,
               line + svg_mark(series.look, {kTo.x / 2, 0}, "", {}));
  }
  if (plot.diagonal) legend.add(*plot.diagonal, "plain", svg_line(kFrom, kTo, "ideal"));
  return legend;
}

}  // namespace

std::string draw_line_plot(const LinePlot& plot) {
  const Frame frame = frame_of(plot);
  std::string markup = draw_axes(plot, frame) + draw_guides(plot, frame);
  for (const Series& series : plot.series) markup += draw_series(series, frame);
  const Legend legend = legend_of(plot);
  return svg_picture({plot.id, plot.title, plot.description, legend.bottom()},
                     markup + legend.markup());
}

}  // namespace atonce::compare
