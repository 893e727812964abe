#include "compare/axis.h"

#include <algorithm>
#include <cmath>

namespace atonce::compare {
namespace {

constexpr std::size_t kMostTicks = 9;
constexpr double kSlack = 1e-9;  // so that 0.1 + 0.2 counts as 0.3

double base_of(Scale scale) { return scale == Scale::log2 ? 2 : 10; }

// The least of 1, 2, 5, 10, 20 ... that is at least `step`.
double round_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= step * (1 - kSlack)) return multiple * power;
  }
  return 10 * power;
}

Axis linear_axis(double low, double high, const Label& label) {
  constexpr double kSteps = 5;
  low = std::min(low, 0.0);
  if (high <= low) high = low + 1;
  const double step = round_step((high - low) / kSteps);
  const double first = std::floor(low / step + kSlack);
  const double last = std::ceil(high / step - kSlack);
  Axis axis{.scale = Scale::linear, .low = first * step, .high = last * step};
  for (double at = first; at <= last; ++at) axis.ticks.push_back({at * step, label(at * step)});
  return axis;
}

// Those of multiples * base^n that go from below `low` to above `high`.
std::vector<double> logarithmic_steps(Scale scale, double low, double high) {
  const double base = base_of(scale);
  const double decades = std::log(high / low) / std::log(base);
  std::vector<double> multiples{1};
  if (scale == Scale::log2 && decades < 4) multiples = {1, 1.5};
  if (scale == Scale::log10 && decades < 2) multiples = {1, 2, 5};
  std::vector<double> steps;
  const double first = std::floor(std::log(low) / std::log(base)) - 1;
  const double last = std::ceil(std::log(high) / std::log(base)) + 1;
  for (double power = first; power <= last; ++power) {
    for (const double multiple : multiples) steps.push_back(multiple * std::pow(base, power));
  }
  const auto below = std::ranges::upper_bound(steps, low * (1 + kSlack));
  const auto above = std::ranges::lower_bound(steps, high * (1 - kSlack));
  auto end = above + 1;
  if (end - (below - 1) < 2) ++end;  // one value only, and a round one
  return {below - 1, std::min(end, steps.end())};
}

Axis logarithmic_axis(Scale scale, double low, double high, bool has_zero, const Label& label) {
  const std::vector<double> steps = logarithmic_steps(scale, low, high);
  Axis axis{.scale = scale, .low = steps.front(), .high = steps.back(), .has_zero = has_zero};
  if (has_zero) {
    axis.low /= base_of(scale);
    axis.ticks.push_back({0, label(0)});
  }
  const std::size_t stride = (steps.size() + kMostTicks - 1) / kMostTicks;
  for (std::size_t at = 0; at < steps.size(); at += stride) {
    axis.ticks.push_back({steps[at], label(steps[at])});
  }
  return axis;
}

}  // namespace

double Axis::place(double value) const {
  if (high <= low) return 0.5;
  if (scale == Scale::linear) return std::clamp((value - low) / (high - low), 0.0, 1.0);
  if (value <= 0) return 0;
  return std::clamp(std::log(value / low) / std::log(high / low), 0.0, 1.0);
}

Axis make_axis(Scale scale, std::span<const double> values, const Label& label) {
  const bool is_linear = scale == Scale::linear;
  std::vector<double> shown;
  bool has_zero = false;
  for (const double value : values) {
    if (std::isfinite(value) && (is_linear || value > 0)) shown.push_back(value);
    has_zero |= value == 0;
  }
  if (shown.empty()) shown.push_back(1);
  const auto [low, high] = std::ranges::minmax(shown);
  return is_linear ? linear_axis(low, high, label)
                   : logarithmic_axis(scale, low, high, has_zero, label);
}

Axis axis_through(Scale scale, std::vector<double> values, const Label& label) {
  std::erase_if(values, [scale](double value) {
    return !std::isfinite(value) || (scale != Scale::linear && value <= 0);
  });
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
  if (values.empty()) values.push_back(1);
  Axis axis{.scale = scale, .low = values.front(), .high = values.back()};
  for (const double value : values) axis.ticks.push_back({value, label(value)});
  return axis;
}

std::string without_trailing_zeros(const std::string& figure) {
  const std::size_t end = std::min(figure.find(' '), figure.size());
  const std::size_t point = figure.find('.');
  if (point >= end) return figure;
  std::size_t kept = end;
  while (figure[kept - 1] == '0') --kept;
  if (figure[kept - 1] == '.') --kept;
  return figure.substr(0, kept) + figure.substr(end);
}

}  // namespace atonce::compare
