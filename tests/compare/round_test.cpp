#include "compare/round.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace atonce::compare {
namespace {

using namespace std::chrono_literals;

TEST(Round, ComesBackAsItWasWritten) {
  const Round round{.elapsed = 5ms,
                    .spans = {{.started = 1us, .ended = 2ms, .lane = 1}, {.started = 3us}},
                    .busy = 7ms,
                    .failed = 2,
                    .failure = "ValueError: \"no\"",
                    .collections = 3,
                    .collector = 40us,
                    .copied_bytes = 123,
                    .is_gil_on = true,
                    .gil_enablers = {"old"},
                    .locks = {{.name = "LOCK", .place = "t.py:3", .waited = 9us, .waits = 4}}};
  EXPECT_EQ(read_round(write_round(round)), round);
}

TEST(Round, WithoutItsTimeIsNone) {
  EXPECT_EQ(read_round(R"({"spans":[]})").error().code, ErrorCode::bad_response);
  EXPECT_EQ(read_round(R"({"elapsed_ns":1})").error().code, ErrorCode::bad_response);
  EXPECT_FALSE(read_round("[]").has_value());
  EXPECT_FALSE(read_round("no").has_value());
}

TEST(RoundOrder, KeepsItsArgumentsAndHidesPicklesInBase64) {
  const RoundOrder order{.calls = 8, .arguments = {R"({"n": 1.0})", "{}"}, .pickles = {"\x80\x04"}};
  const std::string json = write_round_order(order);
  EXPECT_NE(json.find(to_base64("\x80\x04")), std::string::npos);
  const auto read = read_round_order(json);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->calls, 8U);
  EXPECT_EQ(read->arguments, order.arguments);
}

TEST(RoundOrder, WithoutCallsIsNone) {
  EXPECT_FALSE(read_round_order(R"({"calls":0,"arguments":["{}"]})").has_value());
  EXPECT_FALSE(read_round_order(R"({"calls":3,"arguments":[]})").has_value());
}

}  // namespace
}  // namespace atonce::compare
