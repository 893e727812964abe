#include "compare/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "compare/units.h"

namespace atonce::compare {
namespace {

struct CauseTitle {
  std::string_view kind;
  std::string_view title;
};

constexpr std::array kCauseTitles{
    CauseTitle{"gil", "the GIL is on"},
    CauseTitle{"reference_count", "threads share an object, and its reference count"},
    CauseTitle{"lock", "a lock"},
    CauseTitle{"collector", "the garbage collector's pauses"},
    CauseTitle{"allocation", "memory is asked of the system again and again"},
    CauseTitle{"memory_bandwidth", "memory bandwidth"},
    CauseTitle{"short_calls", "the calls are too short"},
    CauseTitle{"policy", "the tool's own limits"},
    CauseTitle{"few_cores", "there are too few cores"},
};

}  // namespace

std::string title_of_cause(const Cause& cause) {
  const auto found = std::ranges::find(kCauseTitles, cause.kind, &CauseTitle::kind);
  std::string title(found == kCauseTitles.end() ? std::string_view(cause.kind) : found->title);
  if (!cause.subject.empty()) title += ": " + cause.subject;
  return title;
}

std::string law_of(const Fit& fit) {
  std::string text = std::string(title_of(fit.kind)) + ": ";
  if (fit.serial_share) text += in_percent(*fit.serial_share) + " of the work is not shared out";
  if (fit.contention && fit.coherency) {
    text += fmt::format("{}contention {:.3g}, coherency {:.3g}", fit.serial_share ? "; " : "",
                        *fit.contention, *fit.coherency);
  }
  if (fit.best_workers) text += fmt::format("; fastest with {:.1f} workers", *fit.best_workers);
  return text;
}

}  // namespace atonce::compare
