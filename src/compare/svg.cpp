#include "compare/svg.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/terminal_text.h"

namespace atonce::compare {
namespace {

// Around (0, 0); all cover about the same area.
std::string path_of(Shape shape) {
  switch (shape) {
    case Shape::circle: return "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z";
    case Shape::square: return "M-3.6 -3.6h7.2v7.2h-7.2z";
    case Shape::triangle: return "M0 -4.8L4.6 3.4H-4.6z";
    case Shape::diamond: return "M0 -5.2L5.2 0L0 5.2L-5.2 0z";
    case Shape::wedge: return "M0 4.8L4.6 -3.4H-4.6z";
    case Shape::cross: return "M-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z";
  }
  return {};
}

}  // namespace

std::string length(double units) {
  const double tenths = std::round(10 * units) / 10;
  return fmt::format("{:g}", tenths == 0 ? 0.0 : tenths);
}

std::string figure_text(double value) { return fmt::format("{:.5g}", value); }

std::string svg_picture(const Picture& picture, std::string_view inner) {
  const std::string title = picture.id + "-title";
  const std::string description = picture.id + "-description";
  return opening("svg", {{"id", picture.id},
                         {"viewBox", "0 0 " + length(kWidth) + " " + length(picture.height)},
                         {"role", "img"},
                         {"aria-labelledby", title},
                         {"aria-describedby", description}}) +
         "\n" + text_element("title", {{"id", title}}, picture.title) +
         text_element("desc", {{"id", description}}, picture.description) + "\n" +
         std::string(inner) + "</svg>\n";
}

std::string svg_text(Spot at, Anchor anchor, std::string_view css_class, std::string_view text) {
  constexpr std::array<const char*, 3> kAnchors{"start", "middle", "end"};
  return text_element("text",
                      {{"x", length(at.x)},
                       {"y", length(at.y)},
                       {"text-anchor", kAnchors[static_cast<std::size_t>(anchor)]},
                       {"class", std::string(css_class)}},
                      text) +
         "\n";
}

std::string svg_line(Spot from, Spot to, std::string_view css_class, const Attributes& more) {
  Attributes attributes{{"class", std::string(css_class)},
                        {"x1", length(from.x)},
                        {"y1", length(from.y)},
                        {"x2", length(to.x)},
                        {"y2", length(to.y)}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  return element("line", attributes, "") + "\n";
}

std::string svg_mark(const Look& look, Spot at, std::string_view title, const Attributes& data) {
  Attributes attributes{{"class", look.is_hollow ? "mark hollow" : "mark"},
                        {"transform", "translate(" + length(at.x) + " " + length(at.y) + ")"}};
  attributes.insert(attributes.end(), data.begin(), data.end());
  const std::string name = title.empty() ? "" : text_element("title", {}, title);
  return element("g", attributes, name + element("path", {{"d", path_of(look.shape)}}, "")) + "\n";
}

double text_width(std::string_view text) {
  constexpr double kCharacter = 6.9;  // of a sans-serif letter 13 units high
  return kCharacter * static_cast<double>(columns_of(text));
}

}  // namespace atonce::compare
