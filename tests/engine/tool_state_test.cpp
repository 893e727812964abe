#include "engine/tool_state.h"

#include <gtest/gtest.h>

namespace atonce::engine {
namespace {

TEST(ToolState, BelievesThatAToolBlocksOnlyWhenItWasSeenAgain) {
  ToolState tool;

  tool.saw_blocking();
  EXPECT_FALSE(tool.is_known_to_block());
  for (int look = 1; look < 4; ++look) tool.saw_blocking();

  EXPECT_TRUE(tool.is_known_to_block());
}

TEST(ToolState, DoubtsItWhenCallsAreQuick) {
  ToolState tool;
  for (int look = 0; look < 100; ++look) tool.saw_blocking();

  for (int call = 0; call < 100; ++call) tool.saw_quick();

  EXPECT_FALSE(tool.is_known_to_block());
  EXPECT_FALSE(tool.may_block());
}

TEST(ToolState, KeepsBelievingItWhileFewCallsAreQuick) {
  ToolState tool;
  for (int look = 0; look < 100; ++look) tool.saw_blocking();

  for (int call = 0; call < 100; ++call) {
    tool.saw_quick();
    if (call % 4 == 0) tool.saw_blocking();
  }

  EXPECT_TRUE(tool.is_known_to_block());
}

}  // namespace
}  // namespace atonce::engine
