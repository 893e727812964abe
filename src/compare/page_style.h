// How the page looks, on a light and a dark screen, on a phone and on paper. The colours of the
// kinds are told apart by eyes that see no red or no green (after Okabe and Ito), darker on white
// and lighter on black so that lines have at least three times the contrast of their ground.
#pragma once

#include <string_view>

namespace atonce::compare {

inline constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f5f6f8; --text: #1b1e23; --soft: #565d68; --rule: #d4d8de;
  --good: #00704f; --bad: #b04300;
  --grey: #666c75; --vermilion: #c85200; --blue: #0072b2; --green: #00835f; --orange: #a86f00;
  --purple: #a84d86;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1d2126; --text: #e7e9ec; --soft: #a9b1bb; --rule: #3a4149;
    --good: #3ecf9f; --bad: #ff9a5c;
    --grey: #a3abb5; --vermilion: #ff8440; --blue: #5ab8f0; --green: #2fc796; --orange: #f0b429;
    --purple: #e595c7;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
main { max-width: 78rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1, h2, h3, p, li, dd, td, th, summary, figcaption { overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 0 0 .35rem; }
p { margin: .5rem 0; max-width: 70ch; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .93em; }
pre {
  margin: .5rem 0; padding: .6rem .75rem; background: var(--card); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.soft, figcaption, caption { color: var(--soft); }
.verdict {
  font-size: 1.2rem; line-height: 1.45; margin: 0 0 .75rem; padding: .75rem 1rem; max-width: 62rem;
  background: var(--card); border-left: 5px solid var(--blue); border-radius: 0 6px 6px 0;
}
.verdict.none { border-left-color: var(--vermilion); }
div.grid, .cards { display: grid; gap: 1.75rem 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
.cards { gap: 1rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .9rem; line-height: 1.4; margin-bottom: .4rem; }
figcaption strong { color: var(--text); font-size: 1rem; }
details { margin: .4rem 0; font-size: .9rem; }
summary { cursor: pointer; color: var(--soft); }
article { background: var(--card); border-radius: 6px; padding: .75rem 1rem; }
#causes article + article { margin-top: .75rem; }
ul { margin: .5rem 0; padding-left: 1.2rem; }
.remarks { list-style: none; padding: 0; margin: 0; }
.remarks li { position: relative; padding-left: 1.4rem; margin: .2rem 0; }
.remarks li::before { position: absolute; left: .15rem; font-weight: 700; }
.pro::before { content: "+"; color: var(--good); }
.con::before { content: "\2212"; color: var(--bad); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
dl { margin: .25rem 0; }
dl > div { display: grid; grid-template-columns: minmax(5rem, 9rem) 1fr; gap: .1rem 1rem; padding: .1rem 0; }
#causes dl > div { grid-template-columns: 4rem 1fr; }
dt { color: var(--soft); }
dd { margin: 0; white-space: pre-line; }

table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; padding-bottom: .35rem; }
th, td { text-align: right; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--rule); }
th:first-child, .note td { text-align: left; }
tbody th { font-weight: 400; }
figure th, figure td { padding: .25rem .3rem; font-size: .85rem; overflow-wrap: break-word; }
.note td { color: var(--soft); white-space: pre-line; }
.wide { overflow-x: auto; }
.wide table { font-size: .85rem; }
.wide th, .wide td { padding: .3rem .4rem; }
.wide thead th { vertical-align: bottom; }
.wide th { overflow-wrap: break-word; }
.wide td[data-label] { white-space: nowrap; }
.range { color: var(--soft); }
.wide .range { display: block; }
.wide tr:has(+ .note:not([data-arm])) > * { border-bottom: 0; }

svg { display: block; width: 100%; max-width: 30rem; height: auto; font-size: 13px; fill: var(--text); }
svg text.tick, svg text.label { fill: var(--soft); }
svg .axis { stroke: var(--soft); }
svg .grid { stroke: var(--rule); }
svg .guide { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .ideal { stroke: var(--soft); stroke-dasharray: 1 4; stroke-width: 2; stroke-linecap: round; }
svg .line { fill: none; stroke: var(--ink); stroke-width: 2; }
svg .band { fill: var(--ink); opacity: .16; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
svg .whisker.over { stroke: var(--text); }
svg .mark path { fill: var(--ink); stroke: var(--paper); stroke-width: .8; }
svg .mark.hollow path { fill: var(--paper); stroke: var(--ink); stroke-width: 1.6; }
svg .bar { fill: var(--ink); }
svg .bar.hollow { fill: var(--paper); stroke: var(--ink); stroke-width: 1.6; }
svg .block { fill: var(--ink); stroke: var(--paper); stroke-width: .6; }
.plain { --ink: var(--text); }
.kind-serial, .kind-python_serial { --ink: var(--grey); }
.kind-threads_gil, .kind-python_threads { --ink: var(--vermilion); }
.kind-threads_nogil { --ink: var(--blue); }
.kind-processes, .kind-python_processes { --ink: var(--green); }
.kind-processes_fork { --ink: var(--orange); }
.kind-subinterpreters { --ink: var(--purple); }

@media screen and (max-width: 50rem) {
  main { padding: .75rem .75rem 2rem; }
  .verdict { font-size: 1.05rem; padding: .6rem .75rem; }
  figure th, figure td { padding: .25rem .15rem; }
  .wide table, .wide tbody, .wide tr, .wide th, .wide td, .wide caption { display: block; width: auto; }
  .wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .wide tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; padding: .5rem 0; border-bottom: 1px solid var(--rule); }
  .wide tr:has(+ .note:not([data-arm])) { border-bottom: 0; padding-bottom: 0; }
  .wide th, .wide td { border: 0; padding: .05rem 0; text-align: left; }
  .wide tbody th { font-weight: 600; }
  .wide tbody th:empty { display: none; }
  .wide td[data-label] { display: flex; gap: .4rem; }
  .wide table { font-size: .9rem; }
  .wide .range { display: inline; }
  .wide td[data-label]::before { content: attr(data-label); margin-right: auto; color: var(--soft); }
  .wide .note > *, .wide td:is([data-label="a round"], [data-label="times as fast"], [data-label="over best"]) { grid-column: 1 / -1; }
}
@page { margin: 14mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #ffffff; --text: #000000; --soft: #444444; --rule: #bbbbbb;
    --good: #00704f; --bad: #b04300;
    --grey: #666c75; --vermilion: #c85200; --blue: #0072b2; --green: #00835f; --orange: #a86f00;
    --purple: #a84d86;
  }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  figure, article, tr { break-inside: avoid; }
  article { border: 1px solid var(--rule); }
  body { font-size: 10pt; }
  .wide { overflow: visible; }
  .wide table { font-size: 6.5pt; }
  .wide th, .wide td { padding: .1rem .2rem; }
  details::details-content { content-visibility: visible; height: auto; }
  summary, figure details { display: none; }
}
)css";

}  // namespace atonce::compare
