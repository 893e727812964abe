// Calls in real child processes, under the real scheduler.

#include "process/backend.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "process/isolated_engine.h"

namespace atonce::process {
namespace {

// Of four calls each; under ThreadSanitizer every process takes a second to end.
#if defined(__SANITIZE_THREAD__)
constexpr int kRounds = 5;
#else
constexpr int kRounds = 250;
#endif

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

TEST(ProcessBackend, HasItsChildrenReadyWhenAskedTo) {
  Engine engine({.command = {kChild}, .most_children = 3});

  ASSERT_TRUE(engine.backend->prepare(3).has_value());

  EXPECT_EQ(own_children(), 3U);
  EXPECT_TRUE(engine.backend->echo("").has_value());
  EXPECT_TRUE(engine.backend->echo(std::string(1 << 20, 'x')).has_value());
  EXPECT_EQ(own_children(), 3U);
}

TEST(ProcessBackend, SaysWhyItsChildrenAreNotReady) {
  Engine engine({.command = {kChild, "broken"}});
  EXPECT_EQ(engine.backend->prepare(1).error().message, "no such module");
}

TEST(Child, IsEndedWhenItDoesNotAnswerInTime) {
  const auto child = Child::start({"sleep", "1000"});
  ASSERT_TRUE(child.has_value());

  const auto ready = (*child)->wait_until_ready(std::chrono::steady_clock::now() + 50ms);

  EXPECT_EQ(ready.error().code, ErrorCode::timed_out);
  EXPECT_FALSE((*child)->is_usable());
  EXPECT_TRUE(has_gone((*child)->pid()));
}

TEST(Child, PrintsToWhereItIsTold) {
  const int output = memfd_create("output", MFD_CLOEXEC);
  const auto child = Child::start({"sh", "-c", "echo out; echo error >&2"}, output);
  ASSERT_TRUE(child.has_value());

  EXPECT_EQ((*child)->wait_until_ready().error().code, ErrorCode::unavailable);

  std::array<char, 32> text{};
  ASSERT_EQ(pread(output, text.data(), text.size(), 0), 10);
  EXPECT_EQ(std::string(text.data()), "out\nerror\n");
  close(output);
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

  expect_bad_ends_told(engine);
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
