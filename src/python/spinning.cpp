// What Python's locks do before they sleep. See docs/decisions/0014-yields-that-cost-a-slice.md.
//
// A lock of free-threaded CPython asks for its turn 40 times, with a sched_yield() after each time,
// and sleeps then. It does so even for a lock that its own thread holds, as 3.13 does at the end of
// each file and for each class with a metaclass. On a busy Linux each yield gives a whole slice
// away: a start of 0.1 seconds took 30 beside four busy programs. So the yields of this program and
// of the libraries in it, Python's among them, come here, and one that was dear is the last for a
// while.
//
// Linked into every program that has a Python inside (CMakeLists.txt): a symbol of the program's
// own comes before the C library's.
//
// Thread safety: each thread has its own count.
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>

namespace {

using Clock = std::chrono::steady_clock;

// Longer than others of this program need who wait for the same lock, and yield, too.
constexpr auto kDear = std::chrono::microseconds(500);
// More than a lock asks. Not for ever: who yields may have nothing else to do until another thread
// is done, which needs the processor for that.
constexpr unsigned kCallsWithout = 256;
constexpr int kPauses = 16;  // take about what an idle machine's yield does

void pause_a_moment() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

}  // namespace

extern "C" int sched_yield() noexcept {
  thread_local unsigned left = 0;  // calls that give nothing away
  if (left > 0) {
    --left;
    for (int times = 0; times < kPauses; ++times) pause_a_moment();
    return 0;
  }
  const auto began = Clock::now();
  const auto result = static_cast<int>(syscall(SYS_sched_yield));
  if (Clock::now() - began > kDear) left = kCallsWithout;
  return result;
}
