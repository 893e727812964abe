#include "compare/schedule.h"

#include <algorithm>
#include <numeric>

namespace atonce::compare {
namespace {

// A least common multiple beyond this is no round of a human's size any more.
constexpr std::size_t kLargestMultiple = 1'024;

std::size_t common_multiple(const std::vector<Arm>& arms) {
  std::size_t multiple = 1;
  for (const Arm& arm : arms) {
    const std::size_t next = std::lcm(multiple, arm.workers);
    if (next <= kLargestMultiple) multiple = next;
  }
  return multiple;
}

// The order in which arms are given up: the largest first. 0 stays.
int expendability(const Arm& arm, std::size_t cores) {
  if (is_serial(arm.kind) || arm == Arm{ArmKind::threads_nogil, 1}) return 0;
  if (arm.workers == cores) return 1;
  if (arm.workers == 1) return 2;
  return arm.workers < cores ? 3 : 4;
}

}  // namespace

std::size_t calls_per_round(Duration call, const std::vector<Arm>& arms, Duration time) {
  const std::size_t rounds = kWantedCycles * std::max<std::size_t>(1, arms.size());
  const auto wanted = static_cast<std::size_t>(time.count() / static_cast<Duration::rep>(rounds) /
                                               std::max<Duration::rep>(1, call.count()));
  const std::size_t multiple = common_multiple(arms);
  const std::size_t whole = std::min(wanted, kMostCalls) / multiple * multiple;
  std::size_t most_workers = 1;
  for (const Arm& arm : arms) most_workers = std::max(most_workers, arm.workers);
  return std::max(whole, most_workers);
}

std::vector<Arm> affordable(std::vector<Costed> arms, std::size_t cores, Duration time) {
  Duration cycle{};
  for (const Costed& each : arms) cycle += each.round;
  while (cycle * kLeastCycles > time) {
    const auto worst = std::ranges::max_element(
        arms, {}, [&](const Costed& each) { return expendability(each.arm, cores); });
    if (worst == arms.end() || expendability(worst->arm, cores) <= 1) break;
    cycle -= worst->round;
    arms.erase(worst);
  }
  std::vector<Arm> left;
  for (const Costed& each : arms) left.push_back(each.arm);
  return left;
}

}  // namespace atonce::compare
