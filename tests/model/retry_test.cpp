#include "model/retry.h"

#include <gtest/gtest.h>

namespace atonce::model {
namespace {

using namespace std::chrono_literals;

TEST(Retry, LengthensTheDelayByUpToAHalfAndKeepsItUnderItsLimit) {
  const RetryOptions options{.max_attempts = 20};

  EXPECT_EQ(delay_after(1, std::nullopt, 0.0, options), 1s);
  EXPECT_EQ(delay_after(3, std::nullopt, 0.5, options), 5s);
  EXPECT_EQ(delay_after(19, std::nullopt, 0.0, options), 60s);
  EXPECT_EQ(delay_after(20, std::nullopt, 0.0, options), std::nullopt);
  EXPECT_EQ(delay_after(2, 0ms, 0.0, options), 2s);  // "now" is what just failed
}

}  // namespace
}  // namespace atonce::model
