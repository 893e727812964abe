// What the program and its child processes say to each other over a socket pair.
//
// A frame is a kind (one byte), the number of its fields (32 bits) and each field's length (32
// bits) and bytes; numbers are little-endian. docs/formats/lane.md has the kinds and their fields,
// so that a child in another language can be written.
//
// Thread safety: one thread reads and one writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atonce::process {

// The descriptor at which a child finds its end.
inline constexpr int kSocket = 3;

enum class FrameKind : std::uint8_t {
  ready = 1,     // child: it may be asked; the version of these frames
  failed = 2,    // child: it cannot start; the error and the hint
  run = 3,       // parent: a call and its limits; see docs/formats/lane.md
  done = 4,      // child: what became of it; see outcome_fields.h
  measure = 5,   // parent: a round to be run and timed
  measured = 6,  // child: what came of it
  echo = 7,      // parent, and child in answer: fields that come back as they are
  fork = 8,      // parent: a further child, of the process that forks them (fork_server.h)
  forked = 9,    // child: its process id
  reap = 10,     // parent: the id of one that was ended
  reaped = 11,   // child: how it ended
};

struct Frame {
  FrameKind kind{};
  std::vector<std::string> fields = {};
};

inline constexpr std::size_t kMostFrameBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMostFields = 16;

// Writes all of it. Errors: unavailable when the other side is gone.
[[nodiscard]] Result<void> write_frame(int fd, FrameKind kind,
                                       const std::vector<std::string_view>& fields);

// Waits for a whole frame. Errors: unavailable (the other side is gone), bad_response (no frame).
[[nodiscard]] Result<Frame> read_frame(int fd);

// Hands a descriptor over, and takes one; what is taken is closed on exec. Between frames.
// Errors: unavailable.
[[nodiscard]] Result<void> write_descriptor(int fd, int passed);
[[nodiscard]] Result<int> read_descriptor(int fd);

}  // namespace atonce::process
