// One request to run a tool. A plain value: no dialect, no socket, no Python.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace atonce::call {

struct Call {
  std::string id;         // the caller's own; answered as it came, may be empty
  std::string name;       // the tool's name as the caller wrote it
  std::string arguments;  // JSON text, kept as it came; validated when the call runs
  std::optional<std::chrono::milliseconds> timeout =
      std::nullopt;  // shorter than the tool's own, if set

  friend bool operator==(const Call&, const Call&) = default;
};

// The calls of one model response. All of them start at once, as far as the tools' policies allow.
struct Plan {
  std::vector<Call> calls;

  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace atonce::call
