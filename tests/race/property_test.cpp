// Random programs, judged by a plain definition: two writes of which neither comes before the
// other.
#include <gtest/gtest.h>

#include <bitset>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "race/program.h"

namespace atonce::race {
namespace {

using testing::Found;
using testing::Program;

constexpr std::size_t kMostEvents = 400;

// What came before each event, as sets: no clocks.
class Oracle {
 public:
  using Before = std::bitset<kMostEvents>;

  void start(std::size_t child, std::size_t parent) { known_[child] = known_[parent]; }
  void join(std::size_t waiting, std::size_t ended) { known_[waiting] |= known_[ended]; }
  void take(std::size_t thread, std::size_t lock) { known_[thread] |= left_[lock]; }
  void give(std::size_t thread, std::size_t lock) { left_[lock] = known_[thread]; }
  void write(std::size_t thread, std::size_t variable) {
    for (const std::size_t other : writes_[variable]) {
      if (!known_[thread].test(other)) is_racy_[variable] = true;
    }
    writes_[variable].push_back(events_);
    known_[thread].set(events_++);
  }
  [[nodiscard]] bool is_racy(std::size_t variable) { return is_racy_[variable]; }

 private:
  std::size_t events_ = 0;
  std::map<std::size_t, Before> known_;
  std::map<std::size_t, Before> left_;
  std::map<std::size_t, std::vector<std::size_t>> writes_;
  std::map<std::size_t, bool> is_racy_;
};

constexpr std::size_t kVariables = 3;
constexpr std::size_t kLocks = 2;

Address lock_at(std::size_t lock) { return 0x7f00'0100'0000 + lock * 64; }
Address object_at(std::size_t variable) { return 0x7f00'0200'0000 + variable * 64; }

// A thread of the program: runs, takes and gives back at most one lock at a time, and ends.
struct Actor {
  Thread* thread = nullptr;
  std::size_t lock = kLocks;  // held; kLocks: none
  bool has_ended = false;
};

class RandomProgram {
 public:
  explicit RandomProgram(unsigned seed) : chance_(seed) {
    actors_.push_back({.thread = &program_.start()});
    add_ = program_.site(kReads | kWrites | kAugmented, kChanges);
  }

  void run(std::size_t steps) {
    for (std::size_t step = 0; step < steps; ++step) one_step(pick(actors_.size()));
  }

  // Says for each variable whether both think the same of it.
  void expect_same() {
    for (std::size_t variable = 0; variable < kVariables; ++variable) {
      EXPECT_EQ(told_[variable] > 0, oracle_.is_racy(variable)) << "variable " << variable;
    }
  }

 private:
  std::size_t pick(std::size_t from) { return chance_() % from; }

  void one_step(std::size_t who) {
    Actor& actor = actors_[who];
    if (actor.has_ended) return;
    switch (pick(8)) {
      case 0: return start_another(who);
      case 1: return end(who);
      case 2:
      case 3: return take_or_give(who);
      default: return write(who, pick(kVariables));
    }
  }

  void start_another(std::size_t parent) {
    if (actors_.size() == 5) return;
    Thread& child = program_.start(actors_[parent].thread);
    oracle_.start(actors_.size(), parent);
    actors_.push_back({.thread = &child});
  }

  void end(std::size_t who) {
    if (who == 0 || pick(4) != 0) return;
    if (actors_[who].lock != kLocks) take_or_give(who);
    actors_[who].has_ended = true;
    const std::size_t waiting = pick(actors_.size());
    if (actors_[waiting].has_ended) return;
    oracle_.join(waiting, who);
    program_.join(*actors_[waiting].thread, *actors_[who].thread);
  }

  void take_or_give(std::size_t who) {
    Actor& actor = actors_[who];
    if (actor.lock != kLocks) {
      oracle_.give(who, actor.lock);
      program_.give(*actor.thread, lock_at(actor.lock));
      is_taken_[actor.lock] = false;
      actor.lock = kLocks;
      return;
    }
    const std::size_t lock = pick(kLocks);
    if (is_taken_[lock]) return;
    is_taken_[lock] = true;
    actor.lock = lock;
    oracle_.take(who, lock);
    program_.take(*actor.thread, lock_at(lock));
  }

  void write(std::size_t who, std::size_t variable) {
    oracle_.write(who, variable);
    program_.found.races.clear();
    program_.write(*actors_[who].thread, add_, Stored::plain, object_at(variable));
    told_[variable] += program_.found.races.size();
  }

  std::minstd_rand chance_;
  Program program_;
  Oracle oracle_;
  SiteId add_ = 0;
  std::vector<Actor> actors_;
  std::map<std::size_t, bool> is_taken_;
  std::map<std::size_t, std::size_t> told_;
};

TEST(RandomPrograms, AreJudgedAsTheDefinitionJudgesThem) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    SCOPED_TRACE(seed);
    RandomProgram program(seed);
    program.run(20 + seed % 180);
    program.expect_same();
    if (::testing::Test::HasFailure()) return;
  }
}

// Real threads, which change what is remembered of the places without locks.
TEST(RealThreads, WhoHoldTheLockAreNeverSuspected) {
  Program program;
  Thread& main = program.start();
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  const SiteId look = program.read_site();
  std::mutex lock;
  std::vector<Found> found(4);
  std::vector<std::thread> threads;
  for (Found& mine : found) {
    Thread& thread = program.start(&main);
    threads.emplace_back([&] {
      for (std::uint64_t round = 0; round < 2'000; ++round) {
        const std::lock_guard guard(lock);
        program.take(thread, lock_at(0));
        Block& block = program.detector.shadow().of(object_at(0));
        const Place place{block, block.at(key_of(round % 40)), kChanges, true};
        program.detector.read(thread, place, look, mine);
        program.detector.write(thread, place, add, kAugmented, Stored::plain, mine);
        program.give(thread, lock_at(0));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Found& mine : found) EXPECT_EQ(mine.told(), "");
}

TEST(RealThreads, WhoHoldNoneAreFound) {
  Program program;
  Thread& main = program.start();
  const SiteId add = program.site(kReads | kWrites | kAugmented, kChanges);
  std::vector<Found> found(4);
  std::vector<std::thread> threads;
  for (Found& mine : found) {
    Thread& thread = program.start(&main);
    threads.emplace_back([&] {
      for (std::uint64_t round = 0; round < 2'000; ++round) {
        Block& block = program.detector.shadow().of(object_at(round % 7));
        const Place place{block, block.at(key_of(round % 40)), kChanges, true};
        program.detector.write(thread, place, add, kAugmented, Stored::plain, mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t races = 0;
  for (const Found& mine : found) races += mine.races.size();
  EXPECT_GT(races, 0U);
}

}  // namespace
}  // namespace atonce::race
