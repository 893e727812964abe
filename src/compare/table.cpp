#include "compare/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/terminal_text.h"
#include "compare/findings_text.h"
#include "compare/units.h"

namespace atonce::compare {
namespace {

constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestBar = 8;
constexpr std::size_t kWidestBar = 48;
constexpr std::size_t kMostArgumentLines = 2;
constexpr std::string_view kOrdinary = "ordinary Python, ";

// One arm, or several of one kind that say the same instead of figures.
struct Row {
  std::string name = {};  // where a kind begins; else empty
  std::string workers = {};
  const ArmReport* arm = nullptr;  // not there in a heading
};

using Cell = std::optional<std::string>;

struct Column {
  std::string_view head;
  Side side = Side::right;
  std::function<Cell(const Row&)> cell;
  std::string_view meaning = {};  // where the head does not say it
  std::size_t width = 0;
};

std::string ratio(double value) {
  return fmt::format("{:.{}f}", value, value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2);
}

std::string with_interval(const Interval& interval) {
  return ratio(interval.median) + " (" + ratio(interval.low) + "-" + ratio(interval.high) + ")";
}

// Half of the interval, as a share of the median.
std::string with_spread(const Interval& seconds, bool unicode) {
  const double half = (seconds.high - seconds.low) / 2;
  const double percent = seconds.median > 0 ? 100 * half / seconds.median : 0;
  return fmt::format("{} {}{:>3.{}f} %", in_units(seconds.median), unicode ? "\u00b1" : "+-",
                     percent, percent >= 9.95 ? 0 : 1);
}

// The ratio that arms are judged by.
const std::optional<Interval>& gain_of(const ArmReport& arm) {
  return arm.speedup_over_best ? arm.speedup_over_best : arm.speedup;
}

// 0 where nothing is told.
double greatest_gain(const Report& report) {
  double greatest = 0;
  for (const ArmReport& arm : report.arms) {
    if (gain_of(arm)) greatest = std::max(greatest, gain_of(arm)->median);
  }
  return greatest;
}

// Green and red only where the whole interval is on one side of one after another.
Ink ink_of(const Interval& gain) {
  if (gain.low > 1) return Ink::green;
  return gain.high < 1 ? Ink::red : Ink::plain;
}

// Two of one kind that have no figures, for the same reason.
bool say_the_same(const ArmReport& one, const ArmReport& other) {
  return one.arm.kind == other.arm.kind && !one.seconds && !other.seconds && one.note == other.note;
}

std::vector<Row> rows_of(const Report& report) {
  std::vector<Row> rows;
  const std::vector<ArmReport>& arms = report.arms;
  std::optional<ArmKind> kind;
  for (std::size_t at = 0; at < arms.size();) {
    const Arm& arm = arms[at].arm;
    const bool is_first_ordinary = is_ordinary(arm.kind) && (!kind || !is_ordinary(*kind));
    if (is_first_ordinary) rows.push_back({.name = "ordinary Python"});
    std::string name;
    if (kind != arm.kind) name = title_of(arm.kind);
    if (is_ordinary(arm.kind) && name.starts_with(kOrdinary)) {
      name = " " + name.substr(kOrdinary.size());
    }
    kind = arm.kind;
    std::size_t last = at;
    while (last + 1 < arms.size() && say_the_same(arms[at], arms[last + 1])) ++last;
    std::string workers = std::to_string(arm.workers);
    if (last > at) workers += fmt::format(" to {}", arms[last].arm.workers);
    rows.push_back({std::move(name), std::move(workers), &arms[at]});
    at = last + 1;
  }
  return rows;
}

template <typename Show>
std::function<Cell(const Row&)> figure(std::optional<double> ArmReport::* member, Show show) {
  return [member, show](const Row& row) -> Cell {
    if (row.arm == nullptr || !(row.arm->*member)) return std::nullopt;
    return show(*(row.arm->*member));
  };
}

template <typename Show>
std::function<Cell(const Row&)> interval(std::optional<Interval> ArmReport::* member, Show show) {
  return [member, show](const Row& row) -> Cell {
    if (row.arm == nullptr || !(row.arm->*member)) return std::nullopt;
    return show(*(row.arm->*member));
  };
}

std::vector<Column> naming_columns() {
  return {{"", Side::left, [](const Row& row) { return Cell(row.name); }},
          {"workers", Side::right, [](const Row& row) { return Cell(row.workers); }}};
}

// Whether an ordinary Python's serial run is there to be measured against.
bool has_other_best(const Report& report) {
  return std::ranges::any_of(report.arms, [](const ArmReport& arm) {
    return arm.speedup_over_best && arm.speedup != arm.speedup_over_best;
  });
}

std::vector<Column> speed_columns(const Report& report, const TableStyle& style) {
  constexpr std::size_t kRoomForIntervals = 96;
  std::vector<Column> columns = naming_columns();
  columns.push_back({"a round", Side::right,
                     interval(&ArmReport::seconds, [unicode = style.unicode](const Interval& each) {
                       return with_spread(each, unicode);
                     })});
  columns.push_back({"times as fast", Side::right, interval(&ArmReport::speedup, with_interval)});
  if (has_other_best(report)) {
    const bool is_wide = style.width >= kRoomForIntervals;
    columns.push_back({"best", Side::right,
                       interval(&ArmReport::speedup_over_best, [is_wide](const Interval& each) {
                         return is_wide ? with_interval(each) : ratio(each.median);
                       })});
  }
  return columns;
}

// The last ones are left out where there is no room.
std::vector<Column> cost_columns() {
  const auto count = [](double value) { return fmt::format("{:.0f}", value); };
  const auto megabytes = [](double value) { return in_bytes(value * 1e6); };
  std::vector<Column> columns = naming_columns();
  const auto add = [&columns](std::string_view head, std::function<Cell(const Row&)> cell,
                              std::string_view meaning) {
    columns.push_back({head, Side::right, std::move(cell), meaning});
  };
  add("CPU time", figure(&ArmReport::cpu_seconds, in_units), "");
  add("memory", figure(&ArmReport::pss_mb, megabytes), "of all its processes, each page once");
  add("start-up", figure(&ArmReport::startup_seconds, in_units), "until its workers are there");
  add("copied/call", figure(&ArmReport::copied_bytes_per_call, in_bytes), "");
  add("queue", figure(&ArmReport::queue_wait_seconds, in_units), "what a call waits for a worker");
  add("collector", figure(&ArmReport::collector_seconds, in_units), "its pauses in a round");
  add("waits", figure(&ArmReport::voluntary_switches, count), "how often a thread left its core");
  add("losses", figure(&ArmReport::forced_switches, count), "how often it was taken off it");
  return columns;
}

std::string meanings_of(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) {
    if (column.meaning.empty()) continue;
    text.append(text.empty() ? "" : "; ").append(column.head).append(": ").append(column.meaning);
  }
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

std::size_t width_of(const std::vector<Column>& columns) {
  std::size_t width = 0;
  for (const Column& column : columns) width += (width > 0 ? kGap : 0) + column.width;
  return width;
}

// Those that have something to show, as many as there is room for, as wide as what they show.
std::vector<Column> fitted(std::vector<Column> columns, const std::vector<Row>& rows,
                           std::size_t width) {
  std::vector<Column> kept;
  for (Column& column : columns) {
    bool has_figures = false;
    column.width = columns_of(column.head);
    for (const Row& row : rows) {
      const Cell cell = column.cell(row);
      has_figures |= cell.has_value();
      column.width = std::max(column.width, columns_of(cell.value_or("-")));
    }
    if (!has_figures) continue;
    kept.push_back(std::move(column));
    if (width_of(kept) <= width) continue;
    kept.pop_back();
    break;
  }
  return kept;
}

std::string without_blanks_at_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string head_of(const std::vector<Column>& columns, const TableStyle& style) {
  std::string text;
  for (const Column& column : columns) {
    if (&column != &columns.front()) text.append(kGap, ' ');
    text += padded(column.head, column.width, column.side);
  }
  return inked(without_blanks_at_end(text), Ink::bold, style.colour) + "\n";
}

std::string line_of(const Row& row, const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) {
    if (&column != &columns.front()) text.append(kGap, ' ');
    text += padded(column.cell(row).value_or("-"), column.width, column.side);
  }
  return text;
}

// Where there are no figures, their place is the note's; else it has lines of its own.
std::string draw_note(const Row& row, const std::vector<Column>& naming, const TableStyle& style) {
  const std::string note = printable(row.arm->note);
  if (row.arm->seconds) {
    const std::string indent(naming.front().width + kGap, ' ');
    return note.empty() ? "" : inked(paragraph(indent, note, style.width), Ink::dim, style.colour);
  }
  const std::string before = line_of(row, naming) + std::string(kGap, ' ');
  return paragraph(before, note.empty() ? "no figures yet" : note, style.width);
}

std::string draw_speed(const Report& report, const std::vector<Row>& rows,
                       const TableStyle& style) {
  const std::vector<Column> naming = fitted(naming_columns(), rows, style.width);
  const std::vector<Column> columns = fitted(speed_columns(report, style), rows, style.width);
  const double greatest = greatest_gain(report);
  const double scale = std::max(1.0, greatest);
  const std::size_t used = width_of(columns) + kGap;
  const std::size_t room = style.width > used ? std::min(style.width - used, kWidestBar) : 0;
  const bool has_bars = room >= kNarrowestBar && greatest > 0;
  std::string text = head_of(columns, style);
  for (const Row& row : rows) {
    if (row.arm == nullptr) {
      text += row.name + "\n";
      continue;
    }
    if (row.arm->seconds) {
      std::string line = line_of(row, columns);
      if (const auto& gain = gain_of(*row.arm); has_bars && gain) {
        const std::string drawn =
            without_blanks_at_end(bar(gain->median / scale, 1 / scale, room, style.unicode));
        line += std::string(kGap, ' ') + inked(drawn, ink_of(*gain), style.colour);
      }
      text += without_blanks_at_end(std::move(line)) + "\n";
    }
    text += draw_note(row, naming, style);
  }
  return text;
}

std::string draw_legend(const Report& report, const TableStyle& style) {
  std::string text = "Times as fast: as the same Python, one after another";
  if (has_other_best(report)) text += "; best: as the fastest Python, one after another";
  text += ". In brackets: where the true figure lies, with 95 % confidence. The line in the bars: ";
  text += "one after another.";
  return inked(paragraph("", text, style.width), Ink::dim, style.colour);
}

std::string draw_costs(const std::vector<Row>& all, const TableStyle& style) {
  std::vector<Row> rows;
  std::string name;  // of the kind whose first row, which bears it, may have no figures
  for (const Row& row : all) {
    if (!row.name.empty()) name = row.name;
    if (row.arm == nullptr) rows.push_back(row);
    if (row.arm == nullptr || !row.arm->seconds) continue;
    rows.push_back({std::exchange(name, {}), row.workers, row.arm});
  }
  if (!rows.empty() && rows.back().arm == nullptr) rows.pop_back();  // nothing ordinary ran
  const std::vector<Column> columns = fitted(cost_columns(), rows, style.width);
  if (columns.size() <= naming_columns().size()) return {};
  std::string text = "\n" + head_of(columns, style);
  for (const Row& row : rows) {
    text += row.arm == nullptr ? row.name + "\n" : line_of(row, columns) + "\n";
  }
  return text + inked(paragraph("", meanings_of(columns), style.width), Ink::dim, style.colour);
}

std::string what_was_run(const Report& report, std::size_t most_columns) {
  std::string arguments;
  for (const std::string& each : report.arguments) {
    arguments += (arguments.empty() ? "" : " ") + printable(each);
  }
  std::size_t rounds = 0;
  for (const ArmReport& arm : report.arms) rounds = std::max(rounds, arm.rounds);
  std::string text = printable(report.function);
  text += fmt::format(": {} call{} a round, {} rounds", report.calls, report.calls == 1 ? "" : "s",
                      rounds);
  if (arguments.empty()) return text;
  text += report.are_arguments_generated ? ", with arguments made up: " : ", with ";
  return text + clipped(arguments, most_columns);
}

std::string where_it_ran(const Machine& machine) {
  std::string text = fmt::format("{} core{}", machine.cores, machine.cores == 1 ? "" : "s");
  const auto add = [&text](std::string_view before, const std::string& what) {
    if (!what.empty()) text.append(before).append(printable(what));
  };
  add(" of ", machine.processor);
  add(", ", machine.system);
  add("; Python ", machine.python);
  add("; ordinary Python ", machine.ordinary_python);
  return text + "; other programs used " + in_percent(machine.used_by_others) +
         " of the cores' time";
}

// The fastest arm of each kind that has figures, in the report's order.
std::vector<const ArmReport*> fastest_of_each_kind(const Report& report) {
  std::vector<const ArmReport*> fastest;
  for (const ArmReport& arm : report.arms) {
    if (!arm.seconds || !gain_of(arm)) continue;
    const auto known = std::ranges::find_if(
        fastest, [&](const ArmReport* each) { return each->arm.kind == arm.arm.kind; });
    if (known == fastest.end()) {
      fastest.push_back(&arm);
    } else if (gain_of(arm)->median > gain_of(**known)->median) {
      *known = &arm;
    }
  }
  return fastest;
}

}  // namespace

std::string draw_table(const Report& report, const TableStyle& given) {
  TableStyle style = given;
  style.width = std::max(style.width, kNarrowest);
  const std::vector<Row> rows = rows_of(report);
  std::string text =
      paragraph("", what_was_run(report, kMostArgumentLines * style.width), style.width);
  text += inked(paragraph("", where_it_ran(report.machine), style.width), Ink::dim, style.colour);
  text += "\n" + draw_speed(report, rows, style);
  if (greatest_gain(report) > 0) text += draw_legend(report, style);
  return text + draw_costs(rows, style) + draw_findings(report, style);
}

std::string draw_bars(const Report& so_far, const TableStyle& style) {
  const std::vector<const ArmReport*> arms = fastest_of_each_kind(so_far);
  const double greatest = greatest_gain(so_far);
  const double scale = std::max(1.0, greatest);
  std::size_t names = 0;
  for (const ArmReport* arm : arms) names = std::max(names, title_of(arm->arm.kind).size());
  constexpr std::size_t kFigures = 21;  // " on 128 " and "  1.93 times" and the last column free
  constexpr std::size_t kGoodBar = 24;
  const std::size_t spare = style.width - std::min(style.width, kFigures + kGoodBar);
  names = std::min(names, std::max(style.width / 3, spare));
  if (style.width < names + kFigures + kNarrowestBar || greatest <= 0) return {};
  const std::size_t room = std::min(style.width - names - kFigures, kWidestBar);
  std::string text;
  for (const ArmReport* arm : arms) {
    const Interval& gain = *gain_of(*arm);
    const std::string drawn = bar(gain.median / scale, 1 / scale, room, style.unicode);
    text += padded(clipped(title_of(arm->arm.kind), names), names, Side::left) +
            fmt::format(" on {:>3} ", arm->arm.workers) + inked(drawn, ink_of(gain), style.colour) +
            fmt::format("  {} times\n", padded(ratio(gain.median), 4, Side::right));
  }
  return text;
}

}  // namespace atonce::compare
