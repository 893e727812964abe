// MCP's revisions, and what each of them has. Pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace atonce::protocol::mcp {

// In the order of time, so that they compare. From v2026_07_28 on ("modern") a request says with
// every message what it is and who asks; before ("legacy"), `initialize` opens a session.
enum class Revision { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25, v2026_07_28 };

inline constexpr std::array kRevisions{Revision::v2026_07_28, Revision::v2025_11_25,
                                       Revision::v2025_06_18, Revision::v2025_03_26,
                                       Revision::v2024_11_05};
inline constexpr Revision kNewestLegacy = Revision::v2025_11_25;

// "2026-07-28"
[[nodiscard]] constexpr std::string_view name_of(Revision revision) {
  switch (revision) {
    case Revision::v2024_11_05: return "2024-11-05";
    case Revision::v2025_03_26: return "2025-03-26";
    case Revision::v2025_06_18: return "2025-06-18";
    case Revision::v2025_11_25: return "2025-11-25";
    case Revision::v2026_07_28: break;
  }
  return "2026-07-28";
}

[[nodiscard]] constexpr std::optional<Revision> revision_of(std::string_view name) {
  for (const Revision revision : kRevisions) {
    if (name_of(revision) == name) return revision;
  }
  return std::nullopt;
}

[[nodiscard]] constexpr bool is_modern(Revision revision) {
  return revision >= Revision::v2026_07_28;
}

// Structured results and their schemas, titles, links to resources.
[[nodiscard]] constexpr bool has_structure(Revision revision) {
  return revision >= Revision::v2025_06_18;
}
[[nodiscard]] constexpr bool has_audio(Revision revision) {
  return revision >= Revision::v2025_03_26;
}

}  // namespace atonce::protocol::mcp
