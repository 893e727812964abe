// What a process that measures can find out about the calls that ran in it.

#include "python/probe.h"

#include <algorithm>

#include "base/json.h"
#include "embedded.h"
#include "python/backend.h"

namespace atonce::python {
namespace {

TEST(Probe, AddsUpThePausesOfTheCollector) {
  ToolsFile file("collects", "import gc\ndef collect() -> int:\n    return gc.collect() * 0\n");
  file.options.watches_collector = true;
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  Probe probe(interpreter(), *toolset);
  ASSERT_TRUE(probe.take_pauses().has_value());

  ASSERT_EQ(run_on_lane(backend, 1, {{"collect"}, {"collect"}}), returned({"0", "0"}));

  const auto pauses = probe.take_pauses();
  ASSERT_TRUE(pauses.has_value()) << pauses.error().message;
  EXPECT_GE(pauses->collections, 2U);
  EXPECT_GT(pauses->paused, Duration::zero());
}

TEST(Probe, NamesTheLockThatCallsWaitedForAndItsPlace) {
  ToolsFile file("contended", R"(
import threading

LOCK = threading.Lock()

def hold() -> None:
    with LOCK:
        for _ in range(2000):
            pass
)");
  file.options.watches_locks = true;
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  Probe probe(interpreter(), *toolset);

  static_cast<void>(run_on_lanes(backend, 4, std::vector<Wanted>(500, {"hold"})));

  const auto waits = probe.take_lock_waits(0);
  ASSERT_TRUE(waits.has_value()) << waits.error().message;
  const auto lock = std::ranges::find(*waits, "LOCK", &LockWait::name);
  ASSERT_NE(lock, waits->end());
  EXPECT_EQ(lock->place, "contended.py:4");
  EXPECT_GT(lock->waits, 0U);
  EXPECT_GT(lock->waited, Duration::zero());
  const auto again = probe.take_lock_waits(0);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(std::ranges::count(*again, "LOCK", &LockWait::name), 0);
}

TEST(Probe, MakesArgumentsThatTheToolTakes) {
  ToolsFile file("sampled", "def add(a: int, b: int = 2) -> int:\n    return a + b\n");
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const Probe probe(interpreter(), *toolset);

  const auto sample = probe.sample_arguments(0);

  ASSERT_TRUE(sample.has_value()) << sample.error().message;
  EXPECT_TRUE(json::Document::parse(*sample)->root().find("a").has_value()) << *sample;
  EXPECT_EQ(name_of(run_on_lane(backend, 1, {{"add", *sample}})[0]), "returned");
}

TEST(Probe, PicklesArgumentsThatFitAndSaysWhyOthersDoNot) {
  ToolsFile file("pickled", R"(
import pickle

def add(a: int) -> int:
    return a

def read(pickled: str) -> dict:
    return pickle.loads(bytes.fromhex(pickled))
)");
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const Probe probe(interpreter(), *toolset);

  const auto pickled = probe.pickle_arguments(0, R"({"a": "7"})");
  const auto refused = probe.pickle_arguments(0, R"({"a": "seven"})");

  ASSERT_TRUE(pickled.has_value()) << pickled.error().message;
  std::string hex;
  for (const char byte : *pickled) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  EXPECT_EQ(run_on_lane(backend, 1, {{"read", "{\"pickled\": \"" + hex + "\"}"}}),
            returned({R"({"a":7})"}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::bad_tools);
  EXPECT_NE(refused.error().message.find("seven"), std::string::npos) << refused.error().message;
}

TEST(Probe, NamesWhatTheCallsOfAToolShare) {
  ToolsFile file("sharing", R"(
import math

COUNTS = {}
LIMIT = None

def count(word: str, /) -> float:
    COUNTS[word] = COUNTS.get(word, 0) + 1
    return math.sqrt(COUNTS[word])
)");
  const auto toolset = file.load();
  const Probe probe(interpreter(), *toolset);

  const auto names = probe.shared_candidates(0);

  ASSERT_TRUE(names.has_value()) << names.error().message;
  EXPECT_EQ(*names, std::vector<std::string>{"COUNTS"});
}

// Turns the GIL on for the rest of the program.
TEST(Probe, NamesTheModuleThatTurnsTheGilOnInsideACall) {
  ToolsFile file("late", "import sys\nsys.path.append('" ATONCE_OLD_MODULE_FOLDER
                         "')\ndef late() -> int:\n    import old_module\n    return 1\n");
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const Probe probe(interpreter(), *toolset);
  EXPECT_FALSE(probe.is_gil_on());

  ASSERT_EQ(run_on_lane(backend, 1, {{"late"}}), returned({"1"}));

  EXPECT_TRUE(probe.is_gil_on());
  EXPECT_EQ(probe.gil_enablers(), std::vector<std::string>{"old_module"});
}

}  // namespace
}  // namespace atonce::python
