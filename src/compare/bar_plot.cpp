#include "compare/bar_plot.h"

#include <algorithm>

namespace atonce::compare {
namespace {

constexpr double kLeft = 10;
constexpr double kRight = kWidth - 16;
constexpr double kTop = 30;
constexpr double kRow = 40;
constexpr double kBar = 14;

double place(const Axis& axis, double value) {
  return kLeft + axis.place(value) * (kRight - kLeft);
}

std::string draw_axis(const BarPlot& plot, const Axis& axis, double bottom) {
  std::string markup;
  for (const Tick& tick : axis.ticks) {
    const double x = place(axis, tick.value);
    markup += svg_line({x, kTop}, {x, bottom}, "grid");
    markup += svg_text({x, bottom + 16}, Anchor::middle, "tick", tick.label);
  }
  if (plot.guide) {
    const double x = place(axis, plot.guide->x);
    const double half = text_width(plot.guide->name) / 2;
    const double middle = std::clamp(x, kLeft + half, std::max(kLeft + half, kRight - half));
    markup += svg_line({x, kTop - 6}, {x, bottom}, "guide");
    markup += svg_text({middle, kTop - 12}, Anchor::middle, "tick", plot.guide->name);
  }
  return markup + svg_text({kRight, bottom + 34}, Anchor::end, "label", plot.value.name);
}

// Without its interval, which the whisker shows too, where the name leaves no room for it.
std::string fitting_figure(const Bar& bar) {
  constexpr double kApart = 10;
  const double room = kRight - kLeft - kApart - text_width(bar.name);
  return text_width(bar.figure) <= room ? bar.figure : bar.figure.substr(0, bar.figure.find(' '));
}

std::string draw_bar(const Bar& bar, const Axis& axis, double top) {
  const double from = place(axis, 0);
  const double middle = top + 22 + kBar / 2;
  Attributes attributes{{"class", "mark"}};
  attributes.insert(attributes.end(), bar.data.begin(), bar.data.end());
  const std::string box = element("rect",
                                  {{"class", bar.look.is_hollow ? "bar hollow" : "bar"},
                                   {"x", length(from)},
                                   {"y", length(top + 22)},
                                   {"width", length(place(axis, bar.value.median) - from)},
                                   {"height", length(kBar)}},
                                  "");
  std::string markup =
      element("g", attributes, text_element("title", {}, bar.name + ": " + bar.figure) + box);
  if (bar.value.low < bar.value.high) {
    markup += svg_line({place(axis, bar.value.low), middle}, {place(axis, bar.value.high), middle},
                       "whisker over");
  }
  markup += svg_text({kLeft, top + 16}, Anchor::start, "name", bar.name);
  markup += svg_text({kRight, top + 16}, Anchor::end, "tick", fitting_figure(bar));
  return element("g", {{"class", bar.look.css_class}}, markup) + "\n";
}

}  // namespace

std::string draw_bar_plot(const BarPlot& plot) {
  std::vector<double> values;
  for (const Bar& bar : plot.bars) values.insert(values.end(), {bar.value.median, bar.value.high});
  if (plot.guide) values.push_back(plot.guide->x);
  const Axis axis = make_axis(Scale::linear, values, [&plot](double value) {
    return without_trailing_zeros(plot.value.show(value));
  });
  const double bottom = kTop + kRow * static_cast<double>(plot.bars.size()) + 6;
  std::string markup = draw_axis(plot, axis, bottom);
  double top = kTop;
  for (const Bar& bar : plot.bars) {
    markup += draw_bar(bar, axis, top);
    top += kRow;
  }
  return svg_picture({plot.id, plot.title, plot.description, bottom + 42}, markup);
}

}  // namespace atonce::compare
