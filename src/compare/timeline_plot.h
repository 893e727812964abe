// Who ran when: the calls of one round, a line for each lane.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/markup.h"
#include "compare/round.h"
#include "compare/svg.h"

namespace atonce::compare {

struct TimelinePlot {
  std::string id = {};
  std::string title = {};
  std::string description = {};
  Look look = {};
  double seconds = 0;  // where the scale ends at least
  std::vector<Span> spans = {};
  Attributes data = {};  // for each block
};

// Calls of one lane that would be drawn closer than can be seen are one block.
struct Block {
  std::size_t lane = 0;
  double started = 0;  // seconds from the start of the round
  double ended = 0;
  std::size_t calls = 0;

  friend bool operator==(const Block&, const Block&) = default;
};

// Sorted by lane, then by time. Two are joined when both they and what lies between them take less
// than `least_seconds` together.
[[nodiscard]] std::vector<Block> blocks_of(std::vector<Span> spans, double least_seconds);

// An SVG element. Each block carries data-lane, data-started, data-ended and data-calls. Of more
// than 16 lanes the first are drawn, and how many are not is written.
[[nodiscard]] std::string draw_timeline_plot(const TimelinePlot& plot);

}  // namespace atonce::compare
