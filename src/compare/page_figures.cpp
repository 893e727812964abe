#include "compare/page_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "compare/bar_plot.h"
#include "compare/choice.h"
#include "compare/line_plot.h"
#include "compare/timeline_plot.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

// An ordinary Python's kinds look as the like kinds of the Python inside, but hollow and dotted.
Look look_of(ArmKind kind) {
  const std::string css_class = "kind-" + std::string(name_of(kind));
  switch (kind) {
    case ArmKind::serial: return {css_class, Shape::cross, false, ""};
    case ArmKind::threads_gil: return {css_class, Shape::square, false, "7 3"};
    case ArmKind::threads_nogil: return {css_class, Shape::circle, false, ""};
    case ArmKind::processes: return {css_class, Shape::triangle, false, "10 3 2 3"};
    case ArmKind::processes_fork: return {css_class, Shape::wedge, false, "3 3"};
    case ArmKind::subinterpreters: return {css_class, Shape::diamond, false, "14 4"};
    case ArmKind::python_serial: return {css_class, Shape::cross, true, "2 3"};
    case ArmKind::python_threads: return {css_class, Shape::square, true, "2 3"};
    case ArmKind::python_processes: return {css_class, Shape::triangle, true, "2 3"};
  }
  return {};
}

std::string ratio(double value) {
  return fmt::format("{:.{}f}", value,
                     value >= 99.5   ? 0
                     : value >= 9.95 ? 1
                     : value >= 0.2  ? 2
                                     : 3);
}

std::string on_workers(const Arm& arm) {
  if (is_serial(arm.kind)) return std::string(title_of(arm.kind));
  return fmt::format("{}, {} worker{}", title_of(arm.kind), arm.workers,
                     arm.workers == 1 ? "" : "s");
}

Attributes data_of(const Arm& arm) {
  return {{"data-kind", std::string(name_of(arm.kind))},
          {"data-workers", std::to_string(arm.workers)}};
}

void add_interval(Attributes& data, const Interval& interval) {
  data.push_back({"data-median", figure_text(interval.median)});
  data.push_back({"data-low", figure_text(interval.low)});
  data.push_back({"data-high", figure_text(interval.high)});
}

std::string with_interval(const Interval& interval, const Label& show) {
  const std::string median = show(interval.median);
  if (interval.low >= interval.high) return median;
  return median + " (" + show(interval.low) + " to " + show(interval.high) + ")";
}

bool is_finite(const Interval& interval) {
  return std::isfinite(interval.median) && std::isfinite(interval.low) &&
         std::isfinite(interval.high);
}

// What one arm puts on a plot, if it was measured.
using Figure = std::function<std::optional<Interval>(const ArmReport&)>;

Figure figure_of(std::optional<double> ArmReport::* member) {
  return [member](const ArmReport& arm) -> std::optional<Interval> {
    const auto& value = arm.*member;
    if (!value) return std::nullopt;
    return Interval{*value, *value, *value};
  };
}

std::vector<Series> series_by_kind(const Report& report, const Figure& figure, const Label& show) {
  std::vector<Series> all;
  std::optional<ArmKind> kind;
  for (const ArmReport& arm : report.arms) {
    const auto value = figure(arm);
    if (!value || !is_finite(*value)) continue;
    if (kind != arm.arm.kind) {
      all.push_back({std::string(title_of(arm.arm.kind)), look_of(arm.arm.kind)});
    }
    kind = arm.arm.kind;
    PlotPoint point{.x = static_cast<double>(arm.arm.workers),
                    .y = *value,
                    .title = on_workers(arm.arm) + ": " + with_interval(*value, show),
                    .data = data_of(arm.arm)};
    add_interval(point.data, *value);
    all.back().points.push_back(std::move(point));
  }
  return all;
}

std::vector<double> worker_counts(const std::vector<Series>& all) {
  std::vector<double> counts;
  for (const Series& series : all) {
    for (const PlotPoint& point : series.points) counts.push_back(point.x);
  }
  return counts;
}

// For who cannot see the plot: what each line does.
std::string described(std::string_view what, const std::vector<Series>& all, const Label& show) {
  std::string text(what);
  for (const Series& series : all) {
    text += " " + series.name + ":";
    for (const PlotPoint& point : series.points) {
      text += point.x == series.points.front().x ? " " : ", ";
      text += show(point.y.median);
      if (series.points.size() > 1) text += fmt::format(" on {:.0f}", point.x);
    }
    text += ".";
  }
  return text;
}

std::string folded_numbers(std::string_view title, const std::vector<std::string>& heads,
                           const std::vector<TableRow>& rows) {
  return element("details", {},
                 text_element("summary", {}, "the numbers") + html_table(title, heads, rows));
}

std::string numbers_of(const LinePlot& plot) {
  bool has_spread = false;
  for (const Series& series : plot.series) {
    for (const PlotPoint& point : series.points) has_spread |= point.y.low < point.y.high;
  }
  std::vector<std::string> heads{"", plot.x.name, plot.y.name};
  if (has_spread) heads.insert(heads.end(), {"at least", "at most"});
  std::vector<TableRow> rows;
  for (const Series& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      TableRow row{{escaped(series.name), escaped(plot.x.show(point.x)),
                    escaped(plot.y.show(point.y.median))}};
      if (has_spread) {
        row.cells.push_back(escaped(plot.y.show(point.y.low)));
        row.cells.push_back(escaped(plot.y.show(point.y.high)));
      }
      rows.push_back(std::move(row));
    }
  }
  return folded_numbers(plot.title, heads, rows);
}

std::string figure_element(std::string_view title, std::string_view caption, std::string_view svg,
                           std::string_view numbers) {
  const std::string head = text_element("strong", {}, title) + " " + prose(caption);
  return element("figure", {},
                 element("figcaption", {}, head) + "\n" + std::string(svg) + std::string(numbers)) +
         "\n";
}

std::string line_figure(const LinePlot& plot, std::string_view caption) {
  return figure_element(plot.title, caption, draw_line_plot(plot), numbers_of(plot));
}

std::string count(double value) { return fmt::format("{:.0f}", value); }

std::string megabytes(double value) { return in_bytes(value * 1e6); }

Guide cores_of(const Report& report) {
  const std::size_t cores = report.machine.cores;
  return {static_cast<double>(cores), fmt::format("{} core{}", cores, cores == 1 ? "" : "s")};
}

LinePlot by_workers(const Report& report, std::vector<Series> series) {
  LinePlot plot{.x = {"workers", Scale::log2, count}, .series = std::move(series)};
  plot.x_ticks = worker_counts(plot.series);
  if (std::ranges::find(plot.x_ticks, static_cast<double>(report.machine.cores)) !=
      plot.x_ticks.end()) {
    plot.guides.push_back(cores_of(report));
  }
  return plot;
}

std::string bytes_or_none(double bytes) { return bytes == 0 ? "none" : in_bytes(bytes); }

// Of each kind the arm to show where there is room for one, among those that `has` something to
// show.
std::vector<const ArmReport*> best_of_each_kind(const Report& report,
                                                const std::function<bool(const ArmReport&)>& has) {
  std::vector<const ArmReport*> best;
  for (const ArmReport& arm : report.arms) {
    if (!arm.seconds || !has(arm)) continue;
    const auto known = std::ranges::find_if(
        best, [&arm](const ArmReport* each) { return each->arm.kind == arm.arm.kind; });
    if (known == best.end()) {
      best.push_back(&arm);
    } else if (is_better(arm, **known)) {
      *known = &arm;
    }
  }
  return best;
}

bool has_gain(const ArmReport& arm) {
  return arm.speedup_over_best && is_finite(*arm.speedup_over_best);
}

bool has_timeline(const ArmReport& arm) { return !arm.timeline.empty(); }

std::string timeline_numbers(const ArmReport& arm) {
  Duration first = arm.timeline.front().started, last{}, busy{}, longest{};
  for (const Span& span : arm.timeline) {
    first = std::min(first, span.started);
    last = std::max(last, span.ended);
    busy += span.ended - span.started;
    longest = std::max(longest, span.ended - span.started);
  }
  const auto show = [](Duration time) { return in_units(to_seconds(time)); };
  return folded_numbers(on_workers(arm.arm), {"", "of one round"},
                        {{{"calls", std::to_string(arm.timeline.size())}},
                         {{"first start", show(first)}},
                         {{"last end", show(last)}},
                         {{"longest call", show(longest)}},
                         {{"all calls together", show(busy)}}});
}

std::string timeline_figure(const ArmReport& arm, double seconds) {
  const std::string title = on_workers(arm.arm);
  std::size_t lanes = 0;
  for (const Span& span : arm.timeline) lanes = std::max(lanes, span.lane + 1);
  TimelinePlot plot{.id = "timeline-" + std::string(name_of(arm.arm.kind)),
                    .title = "When the calls ran: " + title,
                    .look = look_of(arm.arm.kind),
                    .seconds = seconds,
                    .spans = arm.timeline,
                    .data = data_of(arm.arm)};
  plot.description = fmt::format(
      "The {} calls of one round on {} lane{}, each a block from its start to its end. The table "
      "of "
      "numbers tells the first start, the last end and the longest call.",
      arm.timeline.size(), lanes, lanes == 1 ? "" : "s");
  return figure_element(title, "", draw_timeline_plot(plot), timeline_numbers(arm));
}

}  // namespace

std::string speedup_figure(const Report& report) {
  const Figure figure = [](const ArmReport& arm) -> std::optional<Interval> {
    if (is_serial(arm.arm.kind)) return std::nullopt;
    return arm.speedup;
  };
  LinePlot plot = by_workers(report, series_by_kind(report, figure, in_times));
  if (plot.series.empty()) return {};
  plot.id = "speedup";
  plot.title = "Speed-up";
  plot.y = {"times as fast as one after another", Scale::log2, ratio};
  plot.description = described(
      "How many times as fast as one after another, by the number of workers.", plot.series, ratio);
  plot.diagonal = "ideal: N workers, N times";
  plot.y_shown = static_cast<double>(report.machine.cores);
  return line_figure(plot,
                     "over one call after another in the same Python; the bands hold the true "
                     "median with 95 % confidence.");
}

std::string gain_figure(const Report& report) {
  BarPlot plot{.id = "gain",
               .title = "The best of each",
               .value = {"times as fast", Scale::linear, ratio},
               .guide = Guide{1, "the fastest one after another"}};
  std::vector<TableRow> rows;
  for (const ArmReport* arm : best_of_each_kind(report, has_gain)) {
    const Interval& gain = *arm->speedup_over_best;
    Bar bar{on_workers(arm->arm), with_interval(gain, ratio), look_of(arm->arm.kind), gain,
            data_of(arm->arm)};
    add_interval(bar.data, gain);
    plot.description += bar.name + ": " + bar.figure + " times. ";
    rows.push_back({{escaped(bar.name), ratio(gain.median), ratio(gain.low), ratio(gain.high)}});
    plot.bars.push_back(std::move(bar));
  }
  if (plot.bars.empty()) return {};
  plot.description = "How many times as fast as the fastest serial run. " + plot.description;
  return figure_element(
      plot.title, "over the fastest serial run of any Python here: the honest rival.",
      draw_bar_plot(plot),
      folded_numbers(plot.title, {"", "times as fast", "at least", "at most"}, rows));
}

std::string memory_figure(const Report& report) {
  LinePlot plot =
      by_workers(report, series_by_kind(report, figure_of(&ArmReport::pss_mb), megabytes));
  if (plot.series.empty()) return {};
  plot.id = "memory";
  plot.title = "Memory";
  plot.y = {"memory", Scale::linear, megabytes};
  plot.description = described("Memory of all processes of an arm, by the number of workers.",
                               plot.series, megabytes);
  return line_figure(plot, "of all its processes together; shared pages are counted once (PSS).");
}

std::string startup_figure(const Report& report) {
  LinePlot plot =
      by_workers(report, series_by_kind(report, figure_of(&ArmReport::startup_seconds), in_units));
  if (plot.series.empty()) return {};
  plot.id = "startup";
  plot.title = "Start-up";
  plot.y = {"until all workers are there", Scale::log10, in_units};
  plot.description =
      described("How long it takes until all workers are there.", plot.series, in_units);
  return line_figure(plot, "of the workers, the program being there; each step is ten times more.");
}

std::string copying_figure(const Report& report) {
  if (report.copying.empty()) return {};
  Series series{"an empty call, there and back", look_of(ArmKind::processes)};
  for (const auto& [bytes, seconds] : report.copying) {
    series.points.push_back(
        {bytes,
         {seconds, seconds, seconds},
         bytes_or_none(bytes) + ": " + in_units(seconds),
         {{"data-bytes", figure_text(bytes)}, {"data-seconds", figure_text(seconds)}}});
  }
  LinePlot plot{.id = "copying",
                .title = "Cost of copying",
                .x = {"data of the call", Scale::log10, bytes_or_none},
                .y = {"time of an empty call", Scale::log10, in_units},
                .series = {std::move(series)}};
  plot.description = "How long an empty call in another process takes, by the bytes it carries.";
  for (const PlotPoint& point : plot.series.front().points)
    plot.description += " " + point.title + ".";
  const auto copies = [](const ArmReport& arm) {
    return arm.arm.kind == ArmKind::processes && arm.copied_bytes_per_call.value_or(0) > 0;
  };
  const auto copying = std::ranges::find_if(report.arms, copies);
  if (copying != report.arms.end()) {
    plot.guides.push_back({*copying->copied_bytes_per_call, "your calls"});
  }
  return line_figure(plot, "between processes, by the size of arguments and result together.");
}

std::string timeline_figures(const Report& report) {
  const std::vector<const ArmReport*> arms = best_of_each_kind(report, has_timeline);
  double seconds = 0;
  for (const ArmReport* arm : arms) {
    for (const Span& span : arm->timeline) {
      seconds = std::max(seconds, to_seconds(span.ended));
    }
  }
  std::string markup;
  for (const ArmReport* arm : arms) markup += timeline_figure(*arm, seconds);
  return markup;
}

}  // namespace atonce::compare
