// What the engine keeps of a tool: its policy's gates and what its calls have been seen to do.
// Internal to engine/.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <vector>

#include "call/tool_spec.h"
#include "engine/gate.h"

namespace atonce::engine {

struct ToolState {
  std::size_t number = 0;
  const call::ToolSpec* spec = nullptr;
  std::vector<Gate*> gates = {};    // all of them must let a call through; guarded by the scheduler
  std::atomic<int> blocking = 0;    // how often, of late, its calls blocked rather than computed
  std::atomic<unsigned> quick = 0;  // calls that ended quickly although some had seemed to block

  // Learned from the calls themselves: such a tool's next call needs no core to start.
  [[nodiscard]] bool is_known_to_block() const { return blocking.load() >= kSure; }
  // A thread that waits for a core or a lock of ours looks like one that blocks, so what was seen
  // is doubted when calls end before anybody could have looked twice.
  [[nodiscard]] bool may_block() const { return blocking.load() > 0; }
  void saw_quick() {
    if (quick.fetch_add(1) % kQuick == kQuick - 1) saw_computing();
  }
  void saw_blocking() { blocking.store(std::min(blocking.load() + 1, 2 * kSure)); }
  void saw_computing() { blocking.store(std::max(blocking.load() - 1, 0)); }

 private:
  static constexpr int kSure = 4;
  static constexpr unsigned kQuick = 8;  // quick calls that weigh as much as one that computes
};

}  // namespace atonce::engine
