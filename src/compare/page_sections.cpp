#include "compare/page_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/terminal_text.h"
#include "compare/markup.h"
#include "compare/units.h"
#include "compare/wording.h"

namespace atonce::compare {
namespace {

struct Column {
  std::string head;
  // Markup; nothing where it was not measured.
  std::function<std::optional<std::string>(const ArmReport&)> cell;
};

template <typename Value, typename Show>
Column column(std::string head, std::optional<Value> ArmReport::* member, Show show) {
  return {std::move(head), [member, show](const ArmReport& arm) -> std::optional<std::string> {
            if (!(arm.*member)) return std::nullopt;
            return show(*(arm.*member));
          }};
}

// Markup: the interval is a line of its own where there is room for columns.
std::string with_interval(const std::string& median, const std::string& low,
                          const std::string& high) {
  return escaped(median) +
         text_element("span", {{"class", "range"}}, " (" + low + " to " + high + ")");
}

std::string ratio(const Interval& value) {
  const auto show = [](double each) { return fmt::format("{:.2f}", each); };
  return with_interval(show(value.median), show(value.low), show(value.high));
}

std::string time(const Interval& value) {
  return with_interval(in_units(value.median), in_units(value.low), in_units(value.high));
}

// Without those that have nothing to show for any arm.
std::vector<Column> columns_for(const Report& report) {
  const auto count = [](double value) { return fmt::format("{:.0f}", value); };
  const auto megabytes = [](double value) { return in_bytes(value * 1e6); };
  std::vector<Column> columns{
      column("a round", &ArmReport::seconds, time),
      column("times as fast", &ArmReport::speedup, ratio),
      column("over best", &ArmReport::speedup_over_best, ratio),
      column("CPU time", &ArmReport::cpu_seconds, in_units),
      column("memory", &ArmReport::pss_mb, megabytes),
      column("start-up", &ArmReport::startup_seconds, in_units),
      column("copied/call", &ArmReport::copied_bytes_per_call, in_bytes),
      column("call waits", &ArmReport::queue_wait_seconds, in_units),
      column("collector", &ArmReport::collector_seconds, in_units),
      column("waits", &ArmReport::voluntary_switches, count),
      column("interrupts", &ArmReport::forced_switches, count),
  };
  std::erase_if(columns, [&report](const Column& each) {
    return std::ranges::none_of(
        report.arms, [&each](const ArmReport& arm) { return each.cell(arm).has_value(); });
  });
  return columns;
}

// Two of one kind that have no figures, for the same reason.
bool say_the_same(const ArmReport& one, const ArmReport& other) {
  return one.arm.kind == other.arm.kind && !one.seconds && !other.seconds && one.note == other.note;
}

TableRow figures_row(const ArmReport& arm, const std::vector<Column>& columns) {
  TableRow row{{escaped(title_of(arm.arm.kind)), std::to_string(arm.arm.workers)},
               {{"data-arm", label_of(arm.arm)}}};
  for (const Column& each : columns) row.cells.push_back(each.cell(arm).value_or("-"));
  return row;
}

std::string list_of(const std::vector<std::string>& items, const Attributes& attributes = {}) {
  std::string markup;
  for (const std::string& item : items) markup += element("li", {}, item) + "\n";
  return markup.empty() ? markup : element("ul", attributes, "\n" + markup);
}

std::string definition(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return element("div", {}, text_element("dt", {}, name) + text_element("dd", {}, value)) + "\n";
}

std::string arguments_of(const Report& report) {
  constexpr std::size_t kMost = 2'000;
  std::string lines;
  for (const std::string& each : report.arguments) lines += clipped(each, kMost) + "\n";
  if (lines.empty()) return {};
  const std::string_view title =
      report.are_arguments_generated ? "the arguments, made up from the types" : "the arguments";
  return element("details", {},
                 text_element("summary", {}, title) + text_element("pre", {}, lines));
}

}  // namespace

std::string section(const std::string& id, std::string_view title, std::string_view inner) {
  if (inner.empty()) return {};
  return element("section", {{"id", id}, {"aria-labelledby", id + "-heading"}},
                 text_element("h2", {{"id", id + "-heading"}}, title) + "\n" + std::string(inner)) +
         "\n\n";
}

std::string what_was_run(const Report& report) {
  std::size_t rounds = 0;
  for (const ArmReport& arm : report.arms) rounds = std::max(rounds, arm.rounds);
  const std::string text =
      fmt::format("{} call{} a round, up to {} rounds of each arm, in {}.", report.calls,
                  report.calls == 1 ? "" : "s", rounds, in_units(report.seconds));
  return text_element("p", {{"class", "soft"}}, text) + "\n" + arguments_of(report) + "\n";
}

std::string causes_section(const Report& report) {
  std::string markup;
  for (const Cause& cause : report.causes) {
    const std::string figures =
        element("div", {}, "<dt>seen</dt>" + element("dd", {}, prose(cause.evidence))) +
        element("div", {}, "<dt>to do</dt>" + element("dd", {}, prose(cause.advice)));
    markup +=
        element("article", {{"data-cause", cause.kind}},
                element("h3", {}, prose(title_of_cause(cause))) + element("dl", {}, figures)) +
        "\n";
  }
  return section("causes", "Why threads do not gain more", markup);
}

std::string remarks_section(const Report& report) {
  std::vector<ArmKind> kinds;
  for (const Remark& remark : report.remarks) {
    if (std::ranges::find(kinds, remark.kind) == kinds.end()) kinds.push_back(remark.kind);
  }
  std::string cards;
  for (const ArmKind kind : kinds) {
    std::string items;
    for (const Remark& remark : report.remarks) {
      if (remark.kind != kind) continue;
      const std::string sign =
          text_element("span", {{"class", "spoken"}}, remark.is_pro ? "for: " : "against: ");
      items +=
          element("li", {{"class", remark.is_pro ? "pro" : "con"}}, sign + prose(remark.text)) +
          "\n";
    }
    cards += element("article", {},
                     text_element("h3", {}, title_of(kind)) +
                         element("ul", {{"class", "remarks"}}, items)) +
             "\n";
  }
  if (cards.empty()) return {};
  return section("remarks", "For and against", element("div", {{"class", "cards"}}, cards));
}

std::string arms_table(const Report& report) {
  if (report.arms.empty()) return {};
  const std::vector<Column> columns = columns_for(report);
  std::vector<std::string> heads{"", "workers"};
  for (const Column& each : columns) heads.push_back(each.head);
  std::vector<TableRow> rows;
  const std::vector<ArmReport>& arms = report.arms;
  for (std::size_t at = 0; at < arms.size(); ++at) {
    const ArmReport& arm = arms[at];
    if (arm.seconds) {
      rows.push_back(figures_row(arm, columns));
      if (!arm.note.empty()) rows.push_back({{"", prose(arm.note)}, {{"class", "note"}}});
      continue;
    }
    while (at + 1 < arms.size() && say_the_same(arm, arms[at + 1])) ++at;
    std::string name(title_of(arm.arm.kind));
    if (!is_serial(arm.arm.kind)) name += fmt::format(", {} workers", arm.arm.workers);
    if (arms[at].arm.workers > arm.arm.workers) {
      name = fmt::format("{}, {} to {} workers", title_of(arm.arm.kind), arm.arm.workers,
                         arms[at].arm.workers);
    }
    rows.push_back({{escaped(name), prose(arm.note.empty() ? "no figures" : arm.note)},
                    {{"class", "note"}, {"data-arm", label_of(arm.arm)}}});
  }
  const std::string table = html_table(
      "Figures of one round: medians, and intervals that hold the true median with 95 % confidence",
      heads, rows);
  return element(
      "div",
      {{"class", "wide"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "all figures"}},
      table);
}

std::string laws_section(const Report& report) {
  std::vector<std::string> items;
  for (const Fit& fit : report.fits) items.push_back(escaped(law_of(fit)));
  if (items.empty()) return {};
  return section(
      "laws", "Laws fitted",
      list_of(items) +
          "<p class=\"soft\">The share that is not shared out is Amdahl's; contention and "
          "coherency are those of Gunther's universal scalability law. A coherency above 0 "
          "means that more workers make it slower in the end.</p>");
}

std::string notes_section(const Report& report) {
  std::vector<std::string> items;
  for (const std::string& note : report.notes) items.push_back(prose(note));
  return section("notes", "Notes", list_of(items));
}

std::string machine_section(const Report& report) {
  const Machine& machine = report.machine;
  std::string cores = std::to_string(machine.cores);
  if (machine.physical_cores > 0) cores += fmt::format(" ({} physical)", machine.physical_cores);
  std::string list = definition("processor", machine.processor) + definition("cores", cores);
  if (machine.memory_mb > 0) list += definition("memory", in_bytes(machine.memory_mb * 1e6));
  list += definition("system", machine.system) + definition("atonce", machine.atonce) +
          definition("Python inside", machine.python) +
          definition("ordinary Python", machine.ordinary_python) +
          definition("load", fmt::format("{:.2f} before, {:.2f} after", machine.load_before,
                                         machine.load_after)) +
          definition("used by others", in_percent(machine.used_by_others) + " of the cores' time");
  return section("machine", "Where it ran", element("dl", {}, "\n" + list));
}

}  // namespace atonce::compare
