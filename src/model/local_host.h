// What this machine can give the embedded model right now.
//
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace atonce::model {

// Cores that nobody uses, at least one and at most eight, seen over `window` (which it sleeps).
// Respects the process's affinity and a container's quota.
[[nodiscard]] unsigned read_idle_cores(std::chrono::milliseconds window);

// Memory that can be had without swapping, a container's limit included; nothing if unknown.
[[nodiscard]] std::optional<std::uint64_t> read_available_memory_bytes();

}  // namespace atonce::model
