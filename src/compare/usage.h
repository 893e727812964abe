// What a process and all its descendants have used, as the kernel counts it.
//
// Thread safety: pure readers of /proc.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace atonce::compare {

// Of processes that have ended nothing is known any more; the differences between two readings are
// right while none ends.
struct Usage {
  Duration processor{};         // user and system time
  Duration system{};            // of it, in the kernel; to a hundredth of a second
  std::uint64_t faults = 0;     // pages that had to be given
  std::uint64_t waited = 0;     // voluntary context switches
  std::uint64_t displaced = 0;  // involuntary ones
  std::size_t processes = 0;
};

[[nodiscard]] Usage read_usage(pid_t root);
[[nodiscard]] Usage operator-(const Usage& later, const Usage& earlier);

// The memory of them all, in bytes, as if they were the only ones: what several of them share
// counts once (PSS), and pages of files that processes outside of the family use too count in full.
// Takes the kernel some milliseconds for each process.
[[nodiscard]] std::size_t read_memory(pid_t root);

}  // namespace atonce::compare
