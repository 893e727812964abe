#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace atonce {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_input: return "bad_input";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::bad_tools: return "bad_tools";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::unauthorized: return "unauthorized";
    case ErrorCode::refused: return "refused";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::bad_response: return "bad_response";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

namespace base {

void abort_on_bug(const char* condition, const char* expectation, const char* file, int line) {
  std::fprintf(stderr, "atonce has a bug: %s (%s) at %s:%d\n", expectation, condition, file, line);
  std::abort();
}

}  // namespace base
}  // namespace atonce
