// What all plots are drawn with. Lengths are in the units of a view that is as wide as kWidth and
// scaled to its place in the page, so a unit is about a pixel.
//
// Colours are in the page's style, by class, and so are those of a dark screen. Every kind of mark
// differs in shape or dashes too.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "compare/markup.h"

namespace atonce::compare {

inline constexpr double kWidth = 380;

enum class Shape { circle, square, triangle, diamond, wedge, cross };

// How one series looks, in every plot of a page.
struct Look {
  std::string css_class = "plain";  // sets the colour
  Shape shape = Shape::circle;
  bool is_hollow = false;
  std::string dashes = {};  // lengths of dashes and gaps; empty: a whole line
};

struct Spot {
  double x = 0;
  double y = 0;
};

enum class Anchor { start, middle, end };

// Lengths with a tenth of a unit.
[[nodiscard]] std::string length(double units);

// A figure with five significant digits, as the report's JSON has it: "1.93", "4.2e-06".
[[nodiscard]] std::string figure_text(double value);

// A whole picture. `id` is of this plot alone; the title is its name, the description the text that
// stands for it where it cannot be seen.
struct Picture {
  std::string id;
  std::string title;
  std::string description;
  double height = 0;
};
[[nodiscard]] std::string svg_picture(const Picture& picture, std::string_view inner);

[[nodiscard]] std::string svg_text(Spot at, Anchor anchor, std::string_view css_class,
                                   std::string_view text);
[[nodiscard]] std::string svg_line(Spot from, Spot to, std::string_view css_class,
                                   const Attributes& more = {});

// A mark of that look, which says `title` under a pointer and carries `data`.
[[nodiscard]] std::string svg_mark(const Look& look, Spot at, std::string_view title,
                                   const Attributes& data);

// A guess of how wide a text is.
[[nodiscard]] double text_width(std::string_view text);

}  // namespace atonce::compare
