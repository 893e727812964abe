// Python forked with the tools in it: children of one process that have no start of their own.

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "embedded.h"
#include "engine/fakes.h"
#include "process/backend.h"

namespace atonce::python {
namespace {

constexpr char kTools[] = R"(
import asyncio
import gc
import os
import random
import subprocess
import sys
import threading
import weakref

imported_in = os.getpid()
words = {str(number): [number] for number in range(1000)}


class Node:
    pass


def places() -> list:
    return [imported_in, os.getpid(), os.getppid()]

def chance() -> float:
    return random.random()

def share_out(threads: int) -> int:
    found = []
    def count():
        found.append(sum(len(words[str(n % 1000)]) for n in range(2000)))
    started = [threading.Thread(target=count) for _ in range(threads)]
    for each in started:
        each.start()
    for each in started:
        each.join()
    return sum(found)

def collect() -> bool:
    node = Node()
    node.itself = node
    gone = weakref.ref(node)
    del node
    gc.collect()
    return gone() is None

def run() -> int:
    return subprocess.run([sys.executable, "-c", 'raise SystemExit(7)']).returncode

def fork() -> int:
    child = os.fork()
    if child == 0:
        os._exit(5)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def late() -> str:
    import fractions
    return str(fractions.Fraction(1, 3))

async def wait(text: str) -> str:
    await asyncio.sleep(0)
    return text

def is_gil_on() -> bool:
    return sys._is_gil_enabled()
)";

// The tools' names are given to a backend whose own functions are never called.
struct Forking {
  explicit Forking(const std::string& name, const std::string& text = kTools) : file(name, text) {
    for (const char* tool :
         {"places", "chance", "share_out", "collect", "run", "fork", "late", "wait", "is_gil_on"}) {
      inner.define(tool, nullptr);
    }
    backend = std::make_unique<process::ProcessBackend>(
        inner, process::Routed::all_tools,
        process::ChildPoolOptions{
            .command = {ATONCE_FORKING_PYTHON, file.options.sources.front().spec},
            .is_forking = true});
  }

  ToolsFile file;
  engine::FakeBackend inner;
  std::unique_ptr<process::ProcessBackend> backend;
};

TEST(ForkedPython, HasTheToolsFromTheProcessThatForkedIt) {
  Forking forking("forked_places");

  const auto outcomes = run_on_lane(*forking.backend, 1, {{"places"}});

  const auto places = json::Document::parse(std::get<call::Returned>(outcomes[0]).result);
  ASSERT_TRUE(places.has_value());
  const auto pids = places->root().items();
  EXPECT_NE(pids[0].raw(), pids[1].raw());  // imported elsewhere
  EXPECT_EQ(pids[0].raw(), pids[2].raw());  // by its parent
}

TEST(ForkedPython, RunsWhatAnyPythonDoes) {
  Forking forking("forked_all");

  EXPECT_EQ(run_on_lane(*forking.backend, 1,
                        {{"share_out", R"({"threads": 8})"},
                         {"collect"},
                         {"run"},
                         {"fork"},
                         {"late"},
                         {"wait", R"({"text": "done"})"},
                         {"is_gil_on"},
                         {"share_out", R"({"threads": 8})"}}),
            returned({"16000", "true", "7", "5", "\"1/3\"", "\"done\"", "false", "16000"}));
}

TEST(ForkedPython, GivesEachChildChancesOfItsOwn) {
  Forking forking("forked_chances");
  ASSERT_TRUE(forking.backend->prepare(4).has_value());

  std::set<std::string> chances;
  for (const auto& lane : run_on_lanes(*forking.backend, 4, {{"chance"}, {"chance"}})) {
    for (const auto& outcome : lane) chances.insert(std::get<call::Returned>(outcome).result);
  }

  EXPECT_EQ(chances.size(), 8U);
}

TEST(ForkedPython, StandsManyForksAndCallsAtOnce) {
  for (int round = 0; round < 5; ++round) {
    Forking forking("forked_many");
    ASSERT_TRUE(forking.backend->prepare(4).has_value());
    const std::vector<Wanted> calls(25, {"share_out", R"({"threads": 3})"});
    for (const auto& lane : run_on_lanes(*forking.backend, 4, calls)) {
      for (const auto& outcome : lane) EXPECT_EQ(outcome, call::Outcome{call::Returned{"6000"}});
    }
  }
}

TEST(ForkedPython, IsRefusedToToolsThatHaveStartedAThread) {
  Forking forking("forked_threaded", R"(
import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()

def late() -> str:
    return "never"
)");

  const auto outcomes = run_on_lane(*forking.backend, 1, {{"late"}});

  EXPECT_EQ(outcomes[0],
            call::Outcome(call::NotStarted{"the tools have started threads, and only a process "
                                           "with one thread can be forked safely"}));
}

}  // namespace
}  // namespace atonce::python
