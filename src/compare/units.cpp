#include "compare/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace atonce::compare {
namespace {

// Three significant digits, no exponent below a million.
std::string significant(double value) {
  const double size = std::abs(value);
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

}  // namespace

std::string in_units(double seconds) {
  const double size = std::abs(seconds);
  if (size == 0) return "0 s";
  if (size < 0.9995e-6) return significant(seconds * 1e9) + " ns";
  if (size < 0.9995e-3) return significant(seconds * 1e6) + " us";
  if (size < 0.9995) return significant(seconds * 1e3) + " ms";
  return significant(seconds) + " s";
}

std::string in_bytes(double bytes) {
  if (bytes < 1'000) return fmt::format("{:.0f} bytes", bytes);
  constexpr std::array<std::string_view, 4> kUnits{"kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  double value = bytes / 1'000;
  while (value >= 999.5 && unit + 1 < kUnits.size()) value /= 1'000, ++unit;
  return significant(value) + " " + std::string(kUnits[unit]);
}

std::string in_times(double ratio) { return fmt::format("{:.2f} times", ratio); }

std::string in_percent(double share) { return fmt::format("{:.0f} %", share * 100); }

}  // namespace atonce::compare
