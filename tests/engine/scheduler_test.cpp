#include "engine/scheduler.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <latch>
#include <semaphore>

#include "engine/fakes.h"

namespace atonce::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kNoGrace = 0ms;

// A scheduler over a FakeBackend; `clock` decides whether time is real.
template <typename AnyClock>
struct Engine {
  AnyClock clock;
  FakeBackend backend;
  Observer observer;
  std::unique_ptr<Scheduler> scheduler;

  Scheduler& open(Options options = {}) {
    scheduler = std::make_unique<Scheduler>(backend, clock, observer, [] { return 0.0; }, options);
    return *scheduler;
  }

  ~Engine() {
    if (!scheduler) return;
    EXPECT_EQ(scheduler->stop(10s), std::vector<std::string>{});
  }
};

using RealEngine = Engine<SteadyClock>;
using FakeEngine = Engine<FakeClock>;

// For what threads that are left behind may still use; reachable, so that no leak is seen in it.
template <typename T>
T& keep_for_good(T* object) {
  static auto& kept = *new std::vector<void*>;  // not destroyed before leaks are looked for
  kept.push_back(object);
  return *object;
}

TEST(Scheduler, AnswersInTheOrderOfThePlanWhateverTheOrderOfCompletion) {
  RealEngine engine;
  std::latch second_done{1};
  engine.backend.define("first", [&](auto&, auto&) {
    second_done.wait();
    return call::Returned{"1"};
  });
  engine.backend.define("second", [&](auto&, auto&) {
    second_done.count_down();
    return call::Returned{"2"};
  });

  const call::Reply reply = run(engine.open(), plan_of({"first", "second"}));

  ASSERT_EQ(reply.calls.size(), 2U);
  EXPECT_EQ(reply.calls[0].outcome, call::Outcome{call::Returned{"1"}});
  EXPECT_EQ(reply.calls[1].outcome, call::Outcome{call::Returned{"2"}});
  EXPECT_EQ(reply.calls[1].call.id, "1");
}

TEST(Scheduler, AnswersATurnWithoutCallsAtOnce) {
  RealEngine engine;

  EXPECT_TRUE(run(engine.open(), {}).calls.empty());
}

TEST(Scheduler, RunsFiftyBlockingCallsTogetherOnTwoPlaces) {
  RealEngine engine;
  std::barrier all{50};
  engine.backend.define("meet", [&](auto&, auto&) {
    all.arrive_and_wait();  // returns only when all fifty are running
    return call::Returned{"null"};
  });

  const call::Reply reply =
      run(engine.open({.pool = {.places = 2}}), plan_of(std::vector<std::string>(50, "meet")));

  for (const auto& each : reply.calls) EXPECT_EQ(name_of(each.outcome), "returned");
}

TEST(Scheduler, NamesTheNearestToolForAnUnknownOne) {
  RealEngine engine;
  engine.backend.define("get_exchange_rate", returns("1"));
  engine.backend.define("add", returns("1"));

  const call::Reply reply = run(engine.open(), plan_of({"get_exchnge_rate", "add"}));

  EXPECT_EQ(reply.calls[0].outcome,
            call::Outcome(call::Invalid{
                .type = "unknown_tool",
                .message = "unknown tool `get_exchnge_rate`; did you mean `get_exchange_rate`? "
                           "known tools: get_exchange_rate, add"}));
  EXPECT_EQ(name_of(reply.calls[1].outcome), "returned");
}

TEST(Scheduler, RefusesArgumentsThatAreTooDeepOrTooLargeBeforeRunningThem) {
  RealEngine engine;
  engine.backend.define("f", [](auto&, auto&) -> call::Outcome {
    ADD_FAILURE() << "the function was entered";
    return call::Returned{"1"};
  });
  Scheduler& scheduler = engine.open({.max_argument_bytes = 300, .max_argument_depth = 100});
  call::Plan plan = plan_of({"f", "f"});
  plan.calls[0].arguments = std::string(101, '[') + std::string(101, ']');
  plan.calls[1].arguments = "{\"a\":\"" + std::string(300, '[') + "\"}";

  const call::Reply reply = run(scheduler, std::move(plan));

  EXPECT_EQ(describe(reply.calls[0].outcome),
            "the arguments are nested 101 levels deep, more than 100");
  EXPECT_EQ(describe(reply.calls[1].outcome),
            "the arguments have 308 bytes, more than the limit of 300");
}

TEST(Scheduler, CountsNoBracketsInsideStringsAsDepth) {
  RealEngine engine;
  engine.backend.define("f", returns("1"));
  call::Plan plan = plan_of({"f"});
  plan.calls[0].arguments = R"({"a":"\"[[[[[[[[[["})";

  EXPECT_EQ(name_of(run(engine.open({.max_argument_depth = 3}), plan).calls[0].outcome),
            "returned");
}

TEST(Scheduler, AnswersACallAtItsDeadlineAndDoesNotDelayItsNeighbour) {
  FakeEngine engine;
  std::latch entered{1};
  std::latch released{1};
  std::atomic<bool> was_told = false;
  engine.backend.define("slow", [&](auto&, CallControl& control) {
    entered.count_down();
    released.wait();
    was_told = control.is_stopped.load();
    return call::Returned{"late"};
  });
  engine.backend.define("fast", returns("42"));
  Scheduler& scheduler = engine.open({.call_timeout = 1s});

  Started turn = start(scheduler, plan_of({"slow", "fast"}));
  entered.wait();
  engine.clock.advance(1s);
  const call::Reply reply = turn.reply.get();
  released.count_down();
  EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});

  EXPECT_EQ(reply.calls[0].outcome, call::Outcome{call::TimedOut{1s}});
  EXPECT_EQ(reply.calls[0].ended - reply.calls[0].started, 1s);
  EXPECT_EQ(reply.calls[1].outcome, call::Outcome{call::Returned{"42"}});
  EXPECT_TRUE(was_told);
}

TEST(Scheduler, InterruptsWhatOutranItsDeadline) {
  FakeEngine engine;
  std::latch entered{1};
  std::binary_semaphore interrupted{0};
  engine.backend.on_interrupt = [&](std::uint64_t) { interrupted.release(); };
  engine.backend.define("slow", [&](auto&, auto&) {
    entered.count_down();
    interrupted.acquire();
    return call::Raised{"CallTimedOut", ""};
  });
  Scheduler& scheduler = engine.open();
  call::Plan plan = plan_of({"slow"});
  plan.calls[0].timeout = 5ms;

  Started turn = start(scheduler, std::move(plan));
  entered.wait();
  engine.clock.advance(5ms);

  EXPECT_EQ(turn.reply.get().calls[0].outcome, call::Outcome{call::TimedOut{5ms}});
}

// Cancels the turn at the last moment before its function is entered.
class CancelsAtStart final : public Observer {
 public:
  Scheduler* scheduler = nullptr;
  std::promise<Scheduler::Handle> handle;

  void on_started(const call::Call&, std::string_view, unsigned) override {
    scheduler->cancel(handle.get_future().get());
  }
};

TEST(Scheduler, TellsACallThatWasCancelledJustBeforeItRan) {
  SteadyClock clock;
  FakeBackend backend;
  std::atomic<bool> was_stopped = false;
  backend.define("f", [&](auto&, CallControl& control) {
    was_stopped = control.is_stopped.load();
    return call::Returned{"1"};
  });
  CancelsAtStart observer;
  Scheduler scheduler(backend, clock, observer, [] { return 0.0; }, {});
  observer.scheduler = &scheduler;

  Started turn = start(scheduler, plan_of({"f"}));
  observer.handle.set_value(turn.handle);

  EXPECT_EQ(name_of(turn.reply.get().calls[0].outcome), "cancelled");
  EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});
  EXPECT_TRUE(was_stopped);
}

TEST(Scheduler, TakesTheShorterOfTheCallsAndTheToolsTimeout) {
  FakeEngine engine;
  std::latch entered{1};
  std::latch released{1};
  engine.backend.define("slow",
                        [&](auto&, auto&) {
                          entered.count_down();
                          released.wait();
                          return call::Returned{"late"};
                        },
                        {.timeout = 2s});
  Scheduler& scheduler = engine.open({.call_timeout = 60s});
  call::Plan plan = plan_of({"slow"});
  plan.calls[0].timeout = 9s;

  Started turn = start(scheduler, std::move(plan));
  entered.wait();
  engine.clock.advance(2s);

  EXPECT_EQ(turn.reply.get().calls[0].outcome, call::Outcome{call::TimedOut{2s}});
  released.count_down();
}

TEST(Scheduler, RunsASerialGroupOneAtATimeInOrder) {
  RealEngine engine;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::string order;
  auto tool = [&](std::string letter) {
    return [&, letter](auto&, auto&) {
      most = std::max(most.load(), ++running);
      order += letter;  // unguarded on purpose: the group is the guard
      std::this_thread::yield();
      --running;
      return call::Returned{"null"};
    };
  };
  engine.backend.define("a", tool("a"), {.serial_group = "g"});
  engine.backend.define("b", tool("b"), {.serial_group = "g"});

  run(engine.open(), plan_of({"a", "b", "a", "a", "b", "a", "b", "b"}));

  EXPECT_EQ(order, "abaababb");
  EXPECT_EQ(most, 1);
}

TEST(Scheduler, LetsNoMoreThanMaxConcurrencyThrough) {
  RealEngine engine;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::barrier pairs{3};
  engine.backend.define("f",
                        [&](auto&, auto&) {
                          const int now = ++running;
                          int seen = most.load();
                          while (seen < now && !most.compare_exchange_weak(seen, now)) {
                          }
                          pairs.arrive_and_wait();  // needs three at once: less would hang
                          --running;
                          return call::Returned{"null"};
                        },
                        {.max_concurrency = 3});

  run(engine.open({.pool = {.places = 1}}), plan_of(std::vector<std::string>(9, "f")));

  EXPECT_EQ(most, 3);
}

TEST(Scheduler, RefusesThoseWhoWaitBehindAStuckCallOfTheirGroup) {
  FakeEngine engine;
  std::latch entered{1};
  std::latch released{1};
  engine.backend.define("stuck",
                        [&](auto&, auto&) {
                          entered.count_down();
                          released.wait();
                          return call::Returned{"late"};
                        },
                        {.serial_group = "g"});
  engine.backend.define("next", returns("1"), {.serial_group = "g"});
  Scheduler& scheduler = engine.open({.call_timeout = 1s, .stuck_grace = 100ms});

  Started turn = start(scheduler, plan_of({"stuck", "next"}));
  entered.wait();
  engine.clock.advance(1s);
  // The timer arms the grace in its own time; each step gives it another chance to be over.
  while (turn.reply.wait_for(1ms) != std::future_status::ready) engine.clock.advance(100ms);
  const call::Reply reply = turn.reply.get();

  EXPECT_EQ(name_of(reply.calls[0].outcome), "timed_out");
  EXPECT_EQ(describe(reply.calls[1].outcome),
            "not started: `g` lets 1 call through at a time, and one that outran its deadline is "
            "still running");
  released.count_down();
}

TEST(Scheduler, LetsTheGroupGoOnOnceTheStuckCallReturns) {
  FakeEngine engine;
  std::latch entered{1};
  std::binary_semaphore interrupted{0};
  engine.backend.on_interrupt = [&](std::uint64_t) { interrupted.release(); };
  engine.backend.define("slow",
                        [&](auto&, auto&) {
                          entered.count_down();
                          interrupted.acquire();
                          return call::Returned{"late"};
                        },
                        {.serial_group = "g"});
  engine.backend.define("next", returns("1"), {.serial_group = "g"});
  Scheduler& scheduler = engine.open({.call_timeout = 1s});

  Started turn = start(scheduler, plan_of({"slow", "next"}));
  entered.wait();
  engine.clock.advance(1s);
  const call::Reply reply = turn.reply.get();

  EXPECT_EQ(name_of(reply.calls[0].outcome), "timed_out");
  EXPECT_EQ(name_of(reply.calls[1].outcome), "returned");
}

TEST(Scheduler, RefusesWhatWaitsWhenEveryThreadIsStuck) {
  FakeEngine engine;
  std::counting_semaphore<> entered{0};
  std::latch released{1};
  engine.backend.define("stuck", [&](auto&, auto&) {
    entered.release();
    released.wait();
    return call::Returned{"late"};
  });
  Scheduler& scheduler = engine.open({.call_timeout = 1s, .pool = {.places = 2, .max_threads = 2}});

  Started turn = start(scheduler, plan_of({"stuck", "stuck", "stuck"}));
  entered.acquire();
  entered.acquire();
  while (turn.reply.wait_for(1ms) != std::future_status::ready) engine.clock.advance(500ms);

  EXPECT_EQ(describe(turn.reply.get().calls[2].outcome),
            "not started: every thread runs a call that outran its deadline");
  released.count_down();
}

TEST(Scheduler, RefusesATurnThatComesWhenEveryThreadIsStuckAlready) {
  FakeEngine engine;
  std::latch entered{1};
  std::latch released{1};
  engine.backend.define("stuck", [&](auto&, auto&) {
    entered.count_down();
    released.wait();
    return call::Returned{"late"};
  });
  Scheduler& scheduler = engine.open({.call_timeout = 1s, .pool = {.places = 1, .max_threads = 1}});
  Started first = start(scheduler, plan_of({"stuck", "stuck"}));
  entered.wait();
  while (first.reply.wait_for(1ms) != std::future_status::ready) engine.clock.advance(500ms);

  Started second = start(scheduler, plan_of({"stuck"}));
  for (int look = 0; look < 1000 && second.reply.wait_for(1ms) != std::future_status::ready;) {
    engine.clock.advance(500ms);
    ++look;
  }
  const bool is_answered = second.reply.wait_for(0ms) == std::future_status::ready;
  released.count_down();

  EXPECT_TRUE(is_answered);
  EXPECT_EQ(name_of(second.reply.get().calls[0].outcome), "not_started");
}

TEST(Scheduler, AnswersARetryThatStillWaitsAtItsDeadline) {
  FakeEngine engine;
  std::latch raised{1};
  std::latch holding{1};
  std::latch released{1};
  engine.backend.define("flaky",
                        [&](auto&, auto&) {
                          raised.count_down();
                          return call::Raised{"OSError", "no"};
                        },
                        {.serial_group = "g", .retries = 1});
  engine.backend.define("holder",
                        [&](auto&, auto&) {
                          holding.count_down();
                          released.wait();
                          return call::Returned{"1"};
                        },
                        {.serial_group = "g", .timeout = 1h});
  Scheduler& scheduler = engine.open({.call_timeout = 10s});

  Started flaky = start(scheduler, plan_of({"flaky"}));
  raised.wait();
  Started holder = start(scheduler, plan_of({"holder"}));
  holding.wait();
  for (int look = 0; look < 100 && flaky.reply.wait_for(1ms) != std::future_status::ready; ++look) {
    engine.clock.advance(500ms);
  }
  const bool is_answered = flaky.reply.wait_for(0ms) == std::future_status::ready;
  released.count_down();

  EXPECT_TRUE(is_answered);
  EXPECT_EQ(flaky.reply.get().calls[0].outcome, call::Outcome{call::TimedOut{10s}});
}

TEST(Scheduler, AsksForJitterOnOneThreadAtATime) {
  constexpr std::size_t kCalls = 8;
  SteadyClock clock;
  FakeBackend backend;
  Observer observer;
  std::barrier together{kCalls};
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  backend.define("flaky",
                 [&](auto&, auto&) {
                   together.arrive_and_wait();
                   return call::Raised{"OSError", "no"};
                 },
                 {.retries = 1});
  const auto random = [&] {
    most = std::max(most.load(), ++inside);
    for (int turn = 0; turn < 1000; ++turn) std::this_thread::yield();
    --inside;
    return 0.0;
  };
  Scheduler scheduler(backend, clock, observer, random, {.pool = {.places = kCalls}});

  run(scheduler, plan_of(std::vector<std::string>(kCalls, "flaky")));

  EXPECT_EQ(most, 1);
  EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});
}

// A millisecond passes whenever somebody asks for the time.
class HastyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return Time(std::chrono::milliseconds(++asked_)); }
  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  Time until) override {
    if (now() < until) wake.wait(lock);
  }

 private:
  mutable std::atomic<int> asked_ = 0;
};

TEST(WorkerPool, RestsAfterALookForLongerThanTheLookTook) {
  HastyClock clock;
  FakeBackend backend;
  backend.define("f", returns("1"));
  std::latch entered{1};
  std::latch released{1};
  const auto run = [&](Worker&, Task&) {
    entered.count_down();
    released.wait();
  };
  WorkerPool pool(backend, clock, {.places = 1, .max_threads = 1}, {run, [] {}});
  ToolState tool{.number = 0, .spec = &backend.tools()[0]};
  std::array<Task, 2> tasks;
  for (Task& task : tasks) task.tool = &tool;
  EXPECT_FALSE(pool.submit({&tasks[0], &tasks[1]}));
  entered.wait();

  const Time begin = clock.now();
  const Time next = pool.watch(begin);
  const Time end = clock.now();
  released.count_down();
  pool.begin_stop();

  EXPECT_GT(next - end, end - begin);
  EXPECT_TRUE(pool.wait_until_empty(Time::max()));
}

TEST(Scheduler, TriesAgainAfterARaisedException) {
  RealEngine engine;
  std::atomic<int> tries = 0;
  engine.backend.define("flaky",
                        [&](auto&, auto&) -> call::Outcome {
                          if (++tries < 3) return call::Raised{"OSError", "try again"};
                          return call::Returned{"1"};
                        },
                        {.retries = 2});

  const call::Reply reply = run(engine.open(), plan_of({"flaky"}));

  EXPECT_EQ(name_of(reply.calls[0].outcome), "returned");
  EXPECT_EQ(tries, 3);
}

TEST(Scheduler, GivesTheLastExceptionWhenRetriesRunOut) {
  RealEngine engine;
  std::atomic<int> tries = 0;
  engine.backend.define(
      "broken",
      [&](auto&, auto&) { return call::Raised{"OSError", "try " + std::to_string(++tries)}; },
      {.retries = 1});

  const call::Reply reply = run(engine.open(), plan_of({"broken"}));

  EXPECT_EQ(describe(reply.calls[0].outcome), "OSError: try 2");
}

TEST(Scheduler, DoesNotTryAgainAfterInvalidArgumentsOrPastTheDeadline) {
  FakeEngine engine;
  std::atomic<int> tries = 0;
  engine.backend.define("invalid",
                        [&](auto&, auto&) {
                          ++tries;
                          return call::Invalid{"invalid_arguments", "no"};
                        },
                        {.retries = 5});
  engine.backend.define("late",
                        [&](auto&, auto&) {
                          ++tries;
                          return call::Raised{"OSError", "no"};
                        },
                        {.timeout = 20ms, .retries = 5});

  const call::Reply reply = run(engine.open(), plan_of({"invalid", "late"}));

  EXPECT_EQ(name_of(reply.calls[0].outcome), "invalid");
  EXPECT_EQ(name_of(reply.calls[1].outcome), "raised");
  EXPECT_EQ(tries, 2);
}

TEST(Scheduler, CancelAnswersEveryCallThatHasNoOutcomeYet) {
  FakeEngine engine;
  std::latch entered{1};
  std::binary_semaphore interrupted{0};
  engine.backend.on_interrupt = [&](std::uint64_t) { interrupted.release(); };
  engine.backend.define("slow",
                        [&](auto&, auto&) {
                          entered.count_down();
                          interrupted.acquire();
                          return call::Returned{"late"};
                        },
                        {.serial_group = "g"});
  Scheduler& scheduler = engine.open();

  Started turn = start(scheduler, plan_of({"slow", "slow"}));
  entered.wait();
  scheduler.cancel(turn.handle);
  const call::Reply reply = turn.reply.get();

  EXPECT_EQ(name_of(reply.calls[0].outcome), "cancelled");
  EXPECT_EQ(name_of(reply.calls[1].outcome), "cancelled");
}

TEST(Scheduler, KnowsThatACancelledCallIsStuckUntilItsFunctionReturns) {
  for (const bool is_async : {false, true}) {
    RealEngine engine;
    std::latch entered{1};
    std::latch released{1};
    engine.backend.define(
        "slow",
        [&](auto&, auto&) {
          entered.count_down();
          released.wait();
          return call::Returned{"late"};
        },
        {}, is_async);
    Scheduler& scheduler = engine.open();
    Started turn = start(scheduler, plan_of({"slow"}));
    entered.wait();

    const auto before = scheduler.running_calls();
    scheduler.cancel(turn.handle);
    const auto cancelled = scheduler.running_calls();
    released.count_down();

    ASSERT_EQ(before.size(), 1);
    EXPECT_EQ(before[0].tool, "slow");
    EXPECT_FALSE(before[0].is_stuck);
    ASSERT_EQ(cancelled.size(), 1);
    EXPECT_TRUE(cancelled[0].is_stuck);
    EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});
    EXPECT_TRUE(scheduler.running_calls().empty());
    engine.scheduler.reset();
  }
}

TEST(Scheduler, LetsAnyNumberOfCancelledCallsOutOfAGate) {
  constexpr std::size_t kCalls = 50'000;  // a stack frame for each would be more than there is
  RealEngine engine;
  std::latch entered{1};
  std::latch released{1};
  const auto slow = [&](auto&, auto&) {
    entered.count_down();
    released.wait();
    return call::Returned{"late"};
  };
  engine.backend.define("slow", slow, {.serial_group = "g"}, true);
  Scheduler& scheduler = engine.open({.queue_limit = kCalls});

  Started turn = start(scheduler, plan_of(std::vector<std::string>(kCalls, "slow")));
  entered.wait();
  scheduler.cancel(turn.handle);
  released.count_down();

  EXPECT_EQ(turn.reply.get().calls.size(), kCalls);
  EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});
}

TEST(Scheduler, RefusesATurnThatWouldOverflowTheQueueAndStartsNoneOfIt) {
  FakeEngine engine;
  engine.backend.define("f", returns("1"));
  Scheduler& scheduler = engine.open({.queue_limit = 2});

  const auto refused = scheduler.start(plan_of({"f", "f", "f"}), [](call::Reply) { FAIL(); });

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  EXPECT_EQ(run(scheduler, plan_of({"f", "f"})).calls.size(), 2U);
}

TEST(Scheduler, TurnsAResultOverTheLimitIntoAnError) {
  RealEngine engine;
  engine.backend.define("big", returns(std::string(101, '1')));

  const call::Reply reply = run(engine.open({.max_result_bytes = 100}), plan_of({"big"}));

  EXPECT_EQ(describe(reply.calls[0].outcome),
            "result_too_large: the result has 101 bytes, more than the limit of 100");
}

TEST(Scheduler, RunsAsyncToolsWithoutTakingAThread) {
  RealEngine engine;
  std::barrier all{5};
  engine.backend.define(
      "wait",
      [&](auto&, auto&) {
        all.arrive_and_wait();
        return call::Returned{"null"};
      },
      {}, true);

  const call::Reply reply = run(engine.open({.pool = {.places = 1, .max_threads = 1}}),
                                plan_of(std::vector<std::string>(5, "wait")));

  for (const auto& each : reply.calls) EXPECT_EQ(each.lane, "event-loop");
}

TEST(Scheduler, AnswersAnAsyncCallAtItsDeadlineAndInterruptsIt) {
  FakeEngine engine;
  std::latch entered{1};
  std::binary_semaphore interrupted{0};
  engine.backend.on_interrupt = [&](std::uint64_t) { interrupted.release(); };
  engine.backend.define(
      "slow",
      [&](auto&, auto&) {
        entered.count_down();
        interrupted.acquire();
        return call::Returned{"late"};
      },
      {}, true);
  Scheduler& scheduler = engine.open({.call_timeout = 1s});

  Started turn = start(scheduler, plan_of({"slow"}));
  entered.wait();
  while (turn.reply.wait_for(1ms) != std::future_status::ready) engine.clock.advance(1s);

  EXPECT_EQ(turn.reply.get().calls[0].outcome, call::Outcome{call::TimedOut{1s}});
}

TEST(Scheduler, StopAnswersWhatNeverStartedAndNamesWhatIsStillRunning) {
  // Abandoned threads may outlive this test: everything they touch is kept for good.
  auto& clock = keep_for_good(new SteadyClock);
  auto& backend = keep_for_good(new FakeBackend);
  auto& observer = keep_for_good(new Observer);
  auto& entered = keep_for_good(new std::latch{1});
  auto& released = keep_for_good(new std::latch{1});
  backend.define("stuck",
                 [&](auto&, auto&) {
                   entered.count_down();
                   released.wait();
                   return call::Returned{"late"};
                 },
                 {.serial_group = "g"});
  auto& scheduler = keep_for_good(new Scheduler(backend, clock, observer, [] { return 0.0; }, {}));

  Started turn = start(scheduler, plan_of({"stuck", "stuck"}));
  entered.wait();
  const auto left_behind = scheduler.stop(kNoGrace);
  const call::Reply reply = turn.reply.get();

  EXPECT_EQ(left_behind, std::vector<std::string>{"stuck"});
  EXPECT_EQ(name_of(reply.calls[0].outcome), "cancelled");
  EXPECT_EQ(name_of(reply.calls[1].outcome), "not_started");
  EXPECT_FALSE(scheduler.start(plan_of({"stuck"}), [](call::Reply) {}));
}

TEST(Scheduler, AnswersACallThatWouldTryAgainJustAsTheEngineStops) {
  // Kept for good, as above.
  auto& clock = keep_for_good(new SteadyClock);
  auto& backend = keep_for_good(new FakeBackend);
  auto& observer = keep_for_good(new Observer);
  auto& retrying = keep_for_good(new std::latch{1});
  auto& stopped = keep_for_good(new std::latch{1});
  backend.define("flaky", [](auto&, auto&) { return call::Raised{"OSError", "no"}; },
                 {.retries = 1});
  const auto random = [&] {
    retrying.count_down();
    stopped.wait();
    return 0.0;
  };
  auto& scheduler = keep_for_good(new Scheduler(backend, clock, observer, random, {}));

  Started turn = start(scheduler, plan_of({"flaky"}));
  retrying.wait();
  const auto left_behind = scheduler.stop(kNoGrace);
  stopped.count_down();

  EXPECT_EQ(left_behind, std::vector<std::string>{"flaky"});
  ASSERT_EQ(turn.reply.wait_for(30s), std::future_status::ready);
  EXPECT_EQ(turn.reply.get().calls[0].outcome, (call::Outcome{call::Raised{"OSError", "no"}}));
}

TEST(Scheduler, StopNamesAWorkerThatCannotLeave) {
  // Kept for good, as above.
  auto& clock = keep_for_good(new SteadyClock);
  auto& backend = keep_for_good(new FakeBackend);
  auto& observer = keep_for_good(new Observer);
  backend.on_close = [] { std::latch(1).wait(); };
  backend.define("f", returns("1"));
  auto& scheduler = keep_for_good(new Scheduler(backend, clock, observer, [] { return 0.0; }, {}));
  run(scheduler, plan_of({"f"}));

  EXPECT_EQ(scheduler.stop(kNoGrace), std::vector<std::string>{"worker 1"});
}

TEST(Scheduler, RunsWhatIsOfferedBesideToolsAndDoesNotTellOfIt) {
  RealEngine engine;
  engine.backend.define("add", returns("1"));
  engine.backend.offer("prompt greet", call::Role::prompt, returns("2"));

  const call::Reply reply = run(engine.open(), plan_of({"prompt greet", "prompt greek"}));

  EXPECT_EQ(reply.calls[0].outcome, call::Outcome{call::Returned{"2"}});
  const auto* unknown = std::get_if<call::Invalid>(&reply.calls[1].outcome);
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(unknown->message, "unknown tool `prompt greek`; known tools: add");
}

// Writes down what it hears.
class Notes final : public CallListener {
 public:
  void on_progress(double done, std::optional<double>, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::to_string(static_cast<int>(done)) + " " + std::string(message));
  }

  [[nodiscard]] std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
};

FakeBackend::Function says(std::string message) {
  return [message](const call::Call&, CallControl& control) {
    if (const auto hearer = control.hearer()) hearer->on_progress(1, std::nullopt, message);
    return call::Returned{"1"};
  };
}

TEST(Scheduler, LetsTheListenerOfATurnHearItsCallsAndNoOthers) {
  RealEngine engine;
  engine.backend.define("thread", says("from a thread"));
  engine.backend.define("loop", says("from the loop"), {}, true);
  Scheduler& scheduler = engine.open();
  const auto first = std::make_shared<Notes>();
  const auto second = std::make_shared<Notes>();

  start(scheduler, plan_of({"thread"}), first).reply.get();
  start(scheduler, plan_of({"loop"}), second).reply.get();
  const call::Reply unheard = run(scheduler, plan_of({"thread", "loop"}));

  EXPECT_EQ(first->heard(), std::vector<std::string>{"1 from a thread"});
  EXPECT_EQ(second->heard(), std::vector<std::string>{"1 from the loop"});
  EXPECT_EQ(unheard.calls[1].outcome, call::Outcome{call::Returned{"1"}});
}

TEST(Scheduler, DoesNotHearACallThatWasAnsweredAndKeepsTheListenerUntilItsFunctionReturns) {
  FakeEngine engine;
  std::latch entered{1};
  std::latch released{1};
  engine.backend.define("slow", [&](const call::Call& call, CallControl& control) {
    entered.count_down();
    released.wait();
    return says("late")(call, control);
  });
  Scheduler& scheduler = engine.open({.call_timeout = 1s});
  auto listener = std::make_shared<Notes>();
  const std::weak_ptr<Notes> watched = listener;

  Started turn = start(scheduler, plan_of({"slow"}), listener);
  entered.wait();
  engine.clock.advance(1s);
  turn.reply.get();
  const bool is_kept = listener.use_count() > 1;
  released.count_down();
  EXPECT_EQ(scheduler.stop(10s), std::vector<std::string>{});

  EXPECT_TRUE(is_kept);
  EXPECT_EQ(listener->heard(), std::vector<std::string>{});
  listener.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(Scheduler, DoesNotTryACallAgainThatEndsAsCancelledBecauseItsAnswersComeLater) {
  RealEngine engine;
  std::atomic<int> runs = 0;
  engine.backend.define("ask",
                        [&](auto&, auto&) {
                          ++runs;
                          return call::Cancelled{};
                        },
                        {.retries = 3});

  const call::Reply reply = run(engine.open(), plan_of({"ask"}));

  EXPECT_EQ(reply.calls[0].outcome, call::Outcome{call::Cancelled{}});
  EXPECT_EQ(runs, 1);
}

TEST(Scheduler, RefusesToAskWhereTheListenerDoesNotSayOtherwise) {
  RealEngine engine;
  engine.backend.define("ask", [](auto&, CallControl& control) {
    return call::Returned{control.hearer()->ask("{}", control.deadline).text};
  });

  const call::Reply reply =
      start(engine.open(), plan_of({"ask"}), std::make_shared<CallListener>()).reply.get();

  EXPECT_EQ(reply.calls[0].outcome, call::Outcome{call::Returned{"nobody can be asked here"}});
}

TEST(Scheduler, GivesEachOfManyTurnsFromManyThreadsOneReply) {
  RealEngine engine;
  engine.backend.define("f", returns("1"));
  engine.backend.define("g", returns("2"), {.serial_group = "s"});
  engine.backend.define("h", returns("3"), {.serial_group = "s", .max_concurrency = 2});
  Scheduler& scheduler = engine.open();
  std::atomic<std::size_t> answered = 0;

  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        answered += run(scheduler, plan_of({"f", "g", "h", "f", "none", "h"})).calls.size();
      }
    });
  }
  callers.clear();

  EXPECT_EQ(answered, 4U * 200U * 6U);
}

}  // namespace
}  // namespace atonce::engine
