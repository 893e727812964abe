// Calls in children that a process with the tools forks from itself.

#include "process/fork_server.h"

#include <signal.h>
#include <sys/wait.h>

#include "process/isolated_engine.h"

namespace atonce::process {
namespace {

// Under ThreadSanitizer every process takes a second to end.
#if defined(__SANITIZE_THREAD__)
constexpr int kRounds = 3;
#else
constexpr int kRounds = 25;
#endif

ChildPoolOptions forking(std::size_t most_children = 4) {
  return {.command = {kChild, "forks"}, .is_forking = true, .most_children = most_children};
}

pid_t parent_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  pid_t parent = 0;
  stat >> word >> word >> word >> parent;
  return parent;
}

std::size_t children_of(pid_t pid) {
  std::size_t count = 0;
  const std::string task = std::to_string(pid);
  std::ifstream children("/proc/" + task + "/task/" + task + "/children");
  for (pid_t child = 0; children >> child;) ++count;
  return count;
}

TEST(ForkServer, ForksTheChildrenThatRunTheCalls) {
  Engine engine(forking());
  ASSERT_TRUE(engine.backend->prepare(2).has_value());

  const pid_t child = pid_in(engine.run({"pid"})[0]);

  ASSERT_NE(child, 0);
  const pid_t server = parent_of(child);
  EXPECT_EQ(parent_of(server), getpid());
  EXPECT_EQ(children_of(server), 2U);
}

TEST(ForkServer, LetsThePoolSayHowAForkedChildEnded) {
  Engine engine(forking());

  expect_bad_ends_told(engine);
}

TEST(ForkServer, EndsAForkedChildAtItsDeadlineWithWhatItHasStarted) {
  Engine engine(forking(1));
  const pid_t child = pid_in(engine.run({"pid"})[0]);
  const pid_t grandchild = pid_in(engine.run({"start_another"})[0]);

  const auto outcomes = engine.run({"hang"});

  EXPECT_EQ(outcomes[0], Outcome(call::TimedOut{100ms}));
  EXPECT_TRUE(has_gone(child));
  EXPECT_TRUE(has_gone(grandchild));
  EXPECT_EQ(name_of(engine.run({"pid"})[0]), "returned");
}

TEST(ForkServer, LeavesNothingBehindAfterManyBadCalls) {
  const std::size_t descriptors = open_descriptors();
  pid_t server = 0;
  {
    Engine engine(forking());
    for (int round = 0; round < kRounds; ++round) {
      const auto outcomes = engine.run({"crash", "leave", "pid", "crash"});
      ASSERT_EQ(name_of(outcomes[0]), "interrupted");
      ASSERT_EQ(name_of(outcomes[2]), "returned");
      server = parent_of(pid_in(outcomes[2]));
      ASSERT_LE(children_of(server), 4U);
    }
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(own_children(), 0U);
  EXPECT_TRUE(has_gone(server));
}

TEST(ForkServer, EndsWithItsChildrenAndIsReplaced) {
  Engine engine(forking(1));
  const pid_t child = pid_in(engine.run({"pid"})[0]);

  kill(parent_of(child), SIGKILL);

  EXPECT_TRUE(has_gone(child));
  EXPECT_EQ(name_of(engine.run({"pid"})[0]), "interrupted");
  EXPECT_EQ(name_of(engine.run({"pid"})[0]), "returned");
}

TEST(ForkServer, SaysThatAProcessWithThreadsIsNotForked) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer has a thread of its own, so threads are not counted";
#endif
  Engine engine({.command = {kChild, "forks", "threaded"}, .is_forking = true});

  EXPECT_EQ(engine.run({"echo"})[0],
            Outcome(call::NotStarted{"the tools have started threads, and only a process with one "
                                     "thread can be forked safely"}));
}

TEST(ForkServer, SaysWhyItCannotStart) {
  Engine engine({.command = {kChild, "broken"}, .is_forking = true});

  EXPECT_EQ(engine.run({"echo"})[0], Outcome(call::NotStarted{"no such module"}));
}

TEST(ForkServer, LeavesNoForkedChildWhenTheProgramIsKilled) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t program = fork();
  if (program == 0) {
    ChildPool pool(forking());
    auto child = pool.take([] { return false; });
    static_cast<void>((*child)->wait_until_ready());
    const pid_t pids[] = {(*child)->pid(), parent_of((*child)->pid())};
    static_cast<void>(write(ends[1], pids, sizeof pids));
    for (;;) pause();
  }
  pid_t pids[2] = {};
  ASSERT_EQ(read(ends[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  for (const pid_t pid : pids) ASSERT_EQ(kill(pid, 0), 0);

  kill(program, SIGKILL);
  waitpid(program, nullptr, 0);

  for (const pid_t pid : pids) EXPECT_TRUE(has_gone(pid));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace atonce::process
