#include "compare/timeline_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "compare/axis.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

constexpr double kLeft = 34;
constexpr double kRight = kWidth - 22;
constexpr double kTop = 24;
constexpr double kLane = 18;
constexpr double kLeastWidth = 1.5;  // of a block, in units
constexpr std::size_t kMostLanes = 16;

std::string title_of(const Block& block) {
  const std::string when = in_units(block.started) + " to " + in_units(block.ended);
  return fmt::format("lane {}: {}{}", block.lane + 1, when,
                     block.calls == 1 ? "" : fmt::format(", {} calls", block.calls));
}

std::string draw_block(const TimelinePlot& plot, const Block& block, const Axis& axis) {
  const auto place = [&axis](double time) { return kLeft + axis.place(time) * (kRight - kLeft); };
  const double from = place(block.started);
  Attributes attributes{{"class", "mark"},
                        {"data-lane", std::to_string(block.lane)},
                        {"data-started", figure_text(block.started)},
                        {"data-ended", figure_text(block.ended)},
                        {"data-calls", std::to_string(block.calls)}};
  attributes.insert(attributes.end(), plot.data.begin(), plot.data.end());
  const std::string box =
      element("rect",
              {{"class", "block"},
               {"x", length(from)},
               {"y", length(kTop + kLane * static_cast<double>(block.lane) + 2)},
               {"width", length(std::max(kLeastWidth, place(block.ended) - from))},
               {"height", length(kLane - 4)}},
              "");
  return element("g", attributes, text_element("title", {}, title_of(block)) + box) + "\n";
}

std::string draw_axis(const Axis& axis, double bottom) {
  std::string markup;
  for (const Tick& tick : axis.ticks) {
    const double x = kLeft + axis.place(tick.value) * (kRight - kLeft);
    markup += svg_line({x, kTop}, {x, bottom}, "grid");
    markup += svg_text({x, bottom + 16}, Anchor::middle, "tick", tick.label);
  }
  markup += svg_text({4, 14}, Anchor::start, "label", "lane");
  return markup +
         svg_text({kRight, bottom + 34}, Anchor::end, "label", "since the start of the round");
}

}  // namespace

std::vector<Block> blocks_of(std::vector<Span> spans, double least_seconds) {
  std::ranges::sort(
      spans, {}, [](const Span& span) { return std::tuple(span.lane, span.started, span.ended); });
  std::vector<Block> blocks;
  for (const Span& span : spans) {
    const Block block{span.lane, to_seconds(span.started), to_seconds(span.ended), 1};
    const bool is_joined = !blocks.empty() && blocks.back().lane == block.lane &&
                           block.ended - blocks.back().started < least_seconds;
    if (!is_joined) {
      blocks.push_back(block);
      continue;
    }
    blocks.back().ended = std::max(blocks.back().ended, block.ended);
    ++blocks.back().calls;
  }
  return blocks;
}

std::string draw_timeline_plot(const TimelinePlot& plot) {
  std::vector<double> times{plot.seconds};
  std::size_t lanes = 0;
  for (const Span& span : plot.spans) {
    times.push_back(to_seconds(span.ended));
    lanes = std::max(lanes, span.lane + 1);
  }
  const Axis axis = make_axis(Scale::linear, times,
                              [](double time) { return without_trailing_zeros(in_units(time)); });
  const std::size_t drawn = std::min(lanes, kMostLanes);
  const double bottom = kTop + kLane * static_cast<double>(drawn) + 2;
  std::string markup = draw_axis(axis, bottom);
  for (std::size_t lane = 0; lane < drawn; ++lane) {
    const double middle = kTop + kLane * (static_cast<double>(lane) + 0.5);
    markup += svg_text({kLeft - 8, middle + 4}, Anchor::end, "tick", std::to_string(lane + 1));
  }
  if (drawn < lanes) {
    markup += svg_text({kRight, 14}, Anchor::end, "tick",
                       fmt::format("{} more lanes are not drawn", lanes - drawn));
  }
  std::string blocks;
  const double least = kLeastWidth / (kRight - kLeft) * (axis.high - axis.low);
  for (const Block& block : blocks_of(plot.spans, least)) {
    if (block.lane < drawn) blocks += draw_block(plot, block, axis);
  }
  markup += element("g", {{"class", plot.look.css_class}}, "\n" + blocks);
  return svg_picture({plot.id, plot.title, plot.description, bottom + 42}, markup);
}

}  // namespace atonce::compare
