#include "compare/choice.h"

namespace atonce::compare {
namespace {

constexpr double kHardlyFaster = 1.03;

}  // namespace

bool is_better(const ArmReport& arm, const ArmReport& other) {
  if (arm.speedup_over_best && other.speedup_over_best) {
    return arm.speedup_over_best->median > kHardlyFaster * other.speedup_over_best->median;
  }
  return kHardlyFaster * arm.seconds->median < other.seconds->median;
}

}  // namespace atonce::compare
