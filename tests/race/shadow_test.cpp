#include "race/shadow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace atonce::race {
namespace {

constexpr Address kBase = 0x7f12'3450'0000;

TEST(Shadow, KeepsObjectsApartThatLieSideBySide) {
  Shadow shadow;
  std::set<Block*> blocks;
  for (Address at = 0; at < 100; ++at) blocks.insert(&shadow.of(kBase + at * 32));

  EXPECT_EQ(blocks.size(), 100U);
  EXPECT_EQ(&shadow.of(kBase), shadow.find(kBase));
}

TEST(Shadow, ForgetsAnObject) {
  Shadow shadow;
  shadow.of(kBase).at(key_of(1)).write.store(7);
  shadow.forget(kBase);

  EXPECT_EQ(shadow.find(kBase), nullptr);
  EXPECT_EQ(shadow.of(kBase).at(key_of(1)).write.load(), 0U);
}

TEST(Shadow, TwoObjectsCanBeOne) {
  Shadow shadow;
  shadow.of(kBase);
  shadow.unite(kBase, kBase + 64);
  EXPECT_EQ(&shadow.of(kBase + 64), &shadow.of(kBase));

  shadow.forget(kBase);
  EXPECT_NE(shadow.find(kBase + 64), nullptr);
  shadow.forget(kBase + 64);
  EXPECT_EQ(shadow.find(kBase + 64), nullptr);
}

TEST(Block, FindsEachOfManyKeysAgainAndMovesNone) {
  Block block;
  std::vector<Location*> locations;
  for (std::uint64_t key = 0; key < 5'000; ++key) locations.push_back(&block.at(key_of(key * 977)));
  for (std::uint64_t key = 0; key < 5'000; ++key) {
    ASSERT_EQ(&block.at(key_of(key * 977)), locations[key]) << key;
  }
  EXPECT_EQ(block.find(key_of(977 * 5'001)), nullptr);
}

TEST(Block, TakesNoMoreThanSixtyFourBytesALocation) {
  for (const std::uint64_t count : {3, 6, 14, 100, 10'000}) {
    Block by_key;
    Block by_position;
    for (std::uint64_t at = 0; at < count; ++at) {
      by_key.at(key_of(at));
      if (count >= 14) by_position.element(at);
    }
    EXPECT_LE(by_key.bytes(), 64 * count) << count;
    if (count < 14) continue;
    EXPECT_LE(by_position.bytes(), 64 * count) << count;
  }
}

TEST(Block, CanBeUsedByManyThreadsAtOnce) {
  Block block;
  std::vector<std::vector<Location*>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&] {
      for (std::uint64_t key = 0; key < 1'000; ++key) {
        mine.push_back(&block.at(key_of(key)));
        mine.push_back(&block.element(key));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : seen) EXPECT_EQ(mine, seen.front());
}

TEST(Location, RemembersTheLastReadOfEachThread) {
  Location location;
  for (std::uint32_t thread = 1; thread <= 20; ++thread) {
    location.set_read(Epoch::at(Epoch::moment(thread, 5), thread, 0));
  }
  for (std::uint32_t thread = 1; thread <= 20; ++thread) {
    EXPECT_EQ(location.read_of(thread).site(), thread);
  }
  location.clear_read_of(7);
  EXPECT_TRUE(location.read_of(7).is_never());
  int seen = 0;
  location.each_read([&](Epoch) { ++seen; });
  EXPECT_EQ(seen, 19);
}

TEST(Block, KeepsWritesThatWereOverwrittenInNoOrder) {
  Block block;
  const Epoch write = Epoch::at(Epoch::moment(3, 7), 11, 0);
  EXPECT_TRUE(block.overwritten(block.at(kGrowKey)).is_never());
  block.keep_overwritten(block.at(kGrowKey), write);

  EXPECT_EQ(block.overwritten(block.at(kGrowKey)).bits(), write.bits());
  EXPECT_TRUE(block.overwritten(block.at(kShrinkKey)).is_never());
  block.forget_overwritten(block.at(kGrowKey));
  EXPECT_TRUE(block.overwritten(block.at(kGrowKey)).is_never());
}

TEST(Block, NeverTakesOneLocationsOverwrittenWriteForAnothers) {
  Block block;
  constexpr std::uint64_t kKeys = 500;
  for (std::uint64_t key = 1; key <= kKeys; ++key) {
    const auto clock = static_cast<std::uint32_t>(key);
    block.keep_overwritten(block.at(key_of(key)), Epoch::at(Epoch::moment(1, clock), 1, 0));
  }
  std::size_t kept = 0;
  for (std::uint64_t key = 1; key <= kKeys; ++key) {
    const Epoch write = block.overwritten(block.at(key_of(key)));
    if (write.is_never()) continue;
    EXPECT_EQ(write.clock(), key);
    ++kept;
  }
  EXPECT_GT(kept, 0U);
}

TEST(Location, LosesNoReadWhenManyThreadsReadAtOnce) {
  constexpr std::uint32_t kThreads = 12;
  constexpr std::uint32_t kReads = 2'000;
  Location location;
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 1; thread <= kThreads; ++thread) {
    threads.emplace_back([&location, thread] {
      for (std::uint32_t clock = 1; clock <= kReads; ++clock) {
        if (clock % 7 == 0) location.clear_read_of(thread);
        location.set_read(Epoch::at(Epoch::moment(thread, clock), 1, 0));
        ASSERT_EQ(location.read_of(thread).clock(), clock);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::uint32_t> seen;
  location.each_read([&](Epoch epoch) {
    EXPECT_EQ(epoch.clock(), kReads);
    seen.push_back(epoch.thread());
  });
  std::ranges::sort(seen);
  EXPECT_EQ(seen.size(), kThreads);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST(Location, TwoReadersNeedNoMemoryOfTheirOwn) {
  Location location;
  location.set_read(Epoch::at(Epoch::moment(1, 1), 1, 0));
  location.set_read(Epoch::at(Epoch::moment(2, 1), 2, 0));

  EXPECT_EQ(location.read_of(1).site(), 1U);
  EXPECT_EQ(location.read_of(2).site(), 2U);
  EXPECT_EQ(Epoch(location.more.load()).thread(), 2U);
}

}  // namespace
}  // namespace atonce::race
