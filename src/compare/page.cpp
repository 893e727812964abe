#include "compare/page.h"

#include "compare/markup.h"
#include "compare/page_figures.h"
#include "compare/page_sections.h"
#include "compare/page_style.h"
#include "compare/report_json.h"

namespace atonce::compare {
namespace {

// Nothing may be fetched, whatever a text in the page says.
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
)";

// A "<" stands in JSON only within strings, where it can be written so that it ends no script.
std::string embedded(std::string_view json) {
  std::string text;
  for (const char byte : json) {
    if (byte == '<') {
      text += "\\u003c";
    } else {
      text += byte;
    }
  }
  return text;
}

std::string grid(std::string_view figures) {
  return figures.empty() ? "" : element("div", {{"class", "grid"}}, "\n" + std::string(figures));
}

std::string header(const Report& report) {
  return element("header", {},
                 element("h1", {}, text_element("code", {}, report.function)) + "\n" +
                     element("p",
                             {{"id", "verdict"},
                              {"class", report.has_verdict ? "verdict" : "verdict none"}},
                             prose(report.verdict)) +
                     "\n" + what_was_run(report)) +
         "\n\n";
}

std::string crossing_section(const Report& report) {
  if (report.crossing.sentence.empty()) return {};
  return section("crossing", "Threads or processes",
                 element("p", {}, prose(report.crossing.sentence)));
}

std::string repeat_section(const Report& report) {
  if (report.command.empty()) return {};
  return section("repeat", "To measure it again",
                 element("pre", {}, text_element("code", {}, report.command)));
}

}  // namespace

std::string write_page(const Report& report) {
  std::string page(kHead);
  page += text_element("title", {}, "atonce compare " + report.function) + "\n";
  page.append("<style>").append(kPageStyle).append("</style>\n</head>\n<body>\n<main>\n");
  page += header(report);
  page += section("speed", "What is gained, and what it costs",
                  grid(speedup_figure(report) + gain_figure(report) + memory_figure(report) +
                       startup_figure(report) + copying_figure(report)));
  page += causes_section(report) + crossing_section(report) + remarks_section(report);
  page += section("timelines", "Who ran when", grid(timeline_figures(report)));
  page += section("figures", "All figures", arms_table(report));
  page += laws_section(report) + notes_section(report) + machine_section(report);
  page += repeat_section(report);
  page += "</main>\n<script type=\"application/json\" id=\"report\">" +
          embedded(write_json(report)) + "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace atonce::compare
