// atonce's own dialect: the turn form.

#include "protocol/turn_json.h"

#include <gtest/gtest.h>

namespace atonce::protocol {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;

// What a refused turn's message says.
std::string refusal(std::string_view text) {
  const auto plan = read_turn(text);
  return plan ? "it was accepted" : plan.error().message;
}

TEST(TurnJson, ReadsAnArrayAndKeepsArgumentsAsTheyWereWritten) {
  const auto plan = read_turn(R"([{"id":"a","name":"add","args":{"x": 3.0, "y":1e2}},
                                  {"id":7,"name":"now"}])");

  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->calls[0].arguments, R"({"x": 3.0, "y":1e2})");
  EXPECT_EQ(plan->calls[1], (call::Call{.id = "7", .name = "now", .arguments = "{}"}));
}

TEST(TurnJson, ReadsOneCallOrOneALine) {
  EXPECT_EQ(read_turn(R"({"name":"f"})")->calls.size(), 1U);
  EXPECT_EQ(read_turn("{\"name\":\"f\"}\n\n{\"name\":\"g\"}\r\n")->calls.size(), 2U);
  EXPECT_TRUE(read_turn("[]")->calls.empty());
}

TEST(TurnJson, NumbersCallsWithoutAnIdByTheirPlace) {
  const auto plan = read_turn(R"([{"name":"f"},{"name":"g","id":"x"},{"name":"h"}])");

  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->calls[0].id, "1");
  EXPECT_EQ(plan->calls[2].id, "3");
}

TEST(TurnJson, TakesACallsOwnTimeoutInSeconds) {
  EXPECT_EQ(read_turn(R"({"name":"f","timeout":0.25})")->calls[0].timeout, 250ms);
  EXPECT_TRUE(refusal(R"({"name":"f","timeout":0})").contains("`timeout`"));
}

TEST(TurnJson, NamesTheCallAndTheMemberThatIsWrong) {
  EXPECT_EQ(refusal(R"([{"name":"f"},{"id":"2"}])"), "call 2 has no name");
  EXPECT_EQ(refusal(R"([{"name":"f"},3])"), "call 2 is not an object");
  EXPECT_TRUE(refusal(R"([{"name":"f","args":[1]}])").contains("call 1 has a member `args`"));
  EXPECT_TRUE(refusal(R"([{"name":"f","arguments":{}}])").contains("`arguments`"));
  EXPECT_TRUE(refusal("12").contains("neither an array of calls nor a call"));
  EXPECT_TRUE(refusal("nonsense").contains("not JSON"));
}

TEST(TurnJson, WritesEveryOutcomeInItsForm) {
  call::Reply reply;
  const auto add = [&reply](std::string name, call::Outcome outcome) {
    reply.calls.push_back({.call = {.id = "1", .name = std::move(name), .arguments = "{}"},
                           .outcome = std::move(outcome),
                           .started = 100us,
                           .ended = 1400us,
                           .lane = "thread-1"});
  };
  add("f", call::Returned{R"({"a":3.0})"});
  add("g", call::Raised{.type = "ValueError", .message = "no", .traceback = "for people"});
  add("h", call::Invalid{.type = "invalid_arguments", .message = "bad", .problems = "[1]"});
  add("i", call::TimedOut{250ms});

  const std::string head = R"([{"id":"1","name":"f","args":{},"outcome":)";
  const std::string tail = R"("started_ms":0.1,"ended_ms":1.4,"lane":"thread-1"})";
  EXPECT_EQ(
      write_turn(reply),
      head + R"("returned","result":{"a":3.0},)" + tail +
          R"(,{"id":"1","name":"g","args":{},"outcome":"raised",)" +
          R"("error":{"type":"ValueError","message":"no"},)" + tail +
          R"(,{"id":"1","name":"h","args":{},"outcome":"invalid",)" +
          R"("error":{"type":"invalid_arguments","message":"bad","problems":[1]},)" + tail +
          R"(,{"id":"1","name":"i","args":{},"outcome":"timed_out",)" +
          R"("error":{"type":"timed_out","message":"no answer within 250 ms","limit_ms":250},)" +
          tail + "]");
}

TEST(TurnJson, ShowsArgumentsThatAreNotJsonAsText) {
  json::Writer writer;
  write_finished(writer, {.call = {.id = "1", .name = "f", .arguments = "{oops"},
                          .outcome = call::Cancelled{}});

  EXPECT_TRUE(writer.take().contains(R"("args":"{oops")"));
}

}  // namespace
}  // namespace atonce::protocol
