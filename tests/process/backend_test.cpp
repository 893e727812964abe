// Calls in real child processes, under the real scheduler.

#include "process/backend.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "engine/fakes.h"
#include "engine/scheduler.h"

namespace atonce::process {
namespace {

using namespace std::chrono_literals;
using call::Outcome;

const std::string kChild = ATONCE_LANE_CHILD;
constexpr auto kPatience = 30s;  // a bound on a hang, never a measure

// Of four calls each; under ThreadSanitizer every process takes a second to end.
#if defined(__SANITIZE_THREAD__)
constexpr int kRounds = 5;
#else
constexpr int kRounds = 250;
#endif

call::Policy isolated(std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
  return {.timeout = timeout, .isolation = call::Isolation::process};
}

// The tools of lane_child.cpp, and one that runs here.
struct Engine {
  explicit Engine(ChildPoolOptions options) {
    for (const char* name : {"pid", "echo", "raise", "crash", "leave", "start_another"}) {
      inner.define(name, nullptr, isolated());
    }
    inner.define("hang", nullptr, isolated(100ms));
    call::Policy frugal = isolated();
    frugal.max_memory_bytes = std::size_t{64} << 20;
    inner.define("eat_memory", nullptr, frugal);
    call::Policy brief = isolated();
    brief.max_processor_time = 1s;
    inner.define("compute", nullptr, brief);
    inner.define("here", [](auto&, auto&) { return call::Returned{std::to_string(getpid())}; });
    backend = std::make_unique<ProcessBackend>(inner, Routed::isolated_tools, std::move(options));
    scheduler = std::make_unique<engine::Scheduler>(
        *backend, clock, observer, [] { return 0.0; }, engine::Options{});
  }
  ~Engine() { EXPECT_EQ(scheduler->stop(kPatience), std::vector<std::string>{}); }

  [[nodiscard]] std::vector<Outcome> run(const std::vector<std::string>& names) {
    std::vector<Outcome> outcomes;
    for (auto& each : engine::run(*scheduler, engine::plan_of(names)).calls) {
      outcomes.push_back(std::move(each.outcome));
    }
    return outcomes;
  }

  SteadyClock clock;
  engine::FakeBackend inner;
  engine::Observer observer;
  std::unique_ptr<ProcessBackend> backend;
  std::unique_ptr<engine::Scheduler> scheduler;
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// The processes that have this one as their parent, ended ones that nobody has waited for included.
std::size_t own_children() {
  std::size_t count = 0;
  std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (pid_t pid = 0; children >> pid;) ++count;
  return count;
}

pid_t pid_in(const Outcome& outcome) {
  const auto* const returned = std::get_if<call::Returned>(&outcome);
  return returned == nullptr ? 0 : static_cast<pid_t>(std::stol(returned->result));
}

// Waits until there is no process of that id, or only one that nobody has waited for.
bool has_gone(pid_t pid) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string id;
    std::string name;
    std::string state;
    if (!(stat >> id >> name >> state) || state == "Z") return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

TEST(ProcessBackend, RunsIsolatedToolsInAnotherProcessAndTheOthersHere) {
  Engine engine({.command = {kChild}});

  const auto outcomes = engine.run({"pid", "here"});

  EXPECT_NE(pid_in(outcomes[0]), 0);
  EXPECT_NE(pid_in(outcomes[0]), getpid());
  EXPECT_EQ(pid_in(outcomes[1]), getpid());
}

TEST(ProcessBackend, CarriesArgumentsAndResultsOfAnySize) {
  Engine engine({.command = {kChild}});
  call::Plan plan = engine::plan_of({"echo"});
  plan.calls[0].arguments = "{\"text\":\"" + std::string(3 << 20, 'x') + "\"}";

  const call::Reply reply = engine::run(*engine.scheduler, plan);

  EXPECT_EQ(reply.calls[0].outcome, Outcome{call::Returned{plan.calls[0].arguments}});
}

TEST(ProcessBackend, TellsAnExceptionWithItsTraceback) {
  Engine engine({.command = {kChild}});

  EXPECT_EQ(engine.run({"raise"})[0],
            Outcome(call::Raised{.type = "ValueError", .message = "no", .traceback = "line 1"}));
}

TEST(ProcessBackend, KeepsAChildForTheNextCall) {
  Engine engine({.command = {kChild}, .most_children = 1});

  EXPECT_EQ(engine.run({"pid"}), engine.run({"pid"}));
}

TEST(ProcessBackend, AnswersACrashOnceAndLeavesTheOtherCallsAlone) {
  Engine engine({.command = {kChild}});

  const auto outcomes = engine.run({"crash", "leave", "echo", "here"});

  EXPECT_EQ(outcomes[0], Outcome(call::Interrupted{"its process was ended by SIGSEGV (Segmentation "
                                                   "fault)"}));
  EXPECT_EQ(outcomes[1], Outcome(call::Interrupted{"its process ended with exit code 3"}));
  EXPECT_EQ(outcomes[2], Outcome(call::Returned{"{}"}));
  EXPECT_EQ(name_of(outcomes[3]), "returned");
}

TEST(ProcessBackend, EndsTheProcessOfACallAtItsDeadline) {
  Engine engine({.command = {kChild}, .most_children = 1});
  const pid_t pid = pid_in(engine.run({"pid"})[0]);

  const auto outcomes = engine.run({"hang"});

  EXPECT_EQ(outcomes[0], Outcome(call::TimedOut{100ms}));
  EXPECT_TRUE(has_gone(pid));
  EXPECT_EQ(name_of(engine.run({"pid"})[0]), "returned");
}

TEST(ProcessBackend, AnswersThoseThatWaitForAChildAtTheirDeadlines) {
  Engine engine({.command = {kChild}, .most_children = 1});

  const auto outcomes = engine.run({"hang", "hang", "hang"});

  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome, Outcome(call::TimedOut{100ms}));
}

TEST(ProcessBackend, HoldsTheLimitOfMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own memory is not ours to limit";
#endif
  Engine engine({.command = {kChild}, .most_children = 1});

  const auto outcomes = engine.run({"eat_memory", "eat_memory", "echo"});

  EXPECT_EQ(outcomes[0], Outcome(call::Raised{.type = "MemoryError", .message = ""}));
  EXPECT_EQ(name_of(outcomes[1]), "raised");
  EXPECT_EQ(name_of(outcomes[2]), "returned");
}

TEST(ProcessBackend, HoldsTheLimitOfProcessorTime) {
  Engine engine({.command = {kChild}});

  EXPECT_EQ(engine.run({"compute"})[0],
            Outcome(call::Interrupted{"its process used more processor time than it may"}));
}

TEST(ProcessBackend, EndsWhatAChildHasStartedWithIt) {
  pid_t grandchild = 0;
  {
    Engine engine({.command = {kChild}, .most_children = 1});
    grandchild = pid_in(engine.run({"start_another"})[0]);
    ASSERT_NE(grandchild, 0);
    static_cast<void>(engine.run({"leave"}));
    EXPECT_TRUE(has_gone(grandchild));

    grandchild = pid_in(engine.run({"start_another"})[0]);
  }
  EXPECT_TRUE(has_gone(grandchild));
}

TEST(ProcessBackend, SaysWhyAChildCannotStart) {
  Engine engine({.command = {kChild, "broken"}});

  EXPECT_EQ(engine.run({"echo"})[0], Outcome(call::NotStarted{"no such module"}));
}

TEST(ProcessBackend, SaysThatTheProgramIsNotThere) {
  Engine engine({.command = {"/nonexistent/child"}});

  EXPECT_EQ(
      engine.run({"echo", "echo"})[1],
      Outcome(call::NotStarted{"the system gives no child process: No such file or directory"}));
}

TEST(ProcessBackend, LeavesNothingBehindAfterAThousandBadCalls) {
  const std::size_t descriptors = open_descriptors();
  {
    Engine engine({.command = {kChild}, .most_children = 4});
    for (int round = 0; round < kRounds; ++round) {
      const auto outcomes = engine.run({"crash", "leave", "echo", "crash"});
      ASSERT_EQ(name_of(outcomes[0]), "interrupted");
      ASSERT_EQ(name_of(outcomes[2]), "returned");
    }
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(own_children(), 0U);
}

TEST(ProcessBackend, LeavesNoChildWhenItIsKilledItself) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    ChildPool pool({.command = {kChild}});
    auto child = pool.take([] { return false; });
    static_cast<void>((*child)->wait_until_ready());
    const pid_t pid = (*child)->pid();
    static_cast<void>(write(ends[1], &pid, sizeof pid));
    for (;;) pause();
  }
  pid_t child = 0;
  ASSERT_EQ(read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  ASSERT_EQ(kill(child, 0), 0);

  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);

  EXPECT_TRUE(has_gone(child));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace atonce::process
