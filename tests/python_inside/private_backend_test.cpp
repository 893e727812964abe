// Lanes that share nothing of the user's module, or some of it.

#include "python/private_backend.h"

#include <future>

#include "embedded.h"

namespace atonce::python {
namespace {

constexpr char kTools[] = R"(
calls = 0
seen = []

def count() -> list:
    global calls
    calls += 1
    seen.append(calls)
    return [calls, len(seen)]

async def later() -> list:
    return count()
)";

Result<std::unique_ptr<PrivateBackend>> privately(const Toolset& toolset, std::size_t lanes,
                                                  const std::vector<std::string>& names = {}) {
  return PrivateBackend::make(interpreter(), toolset, lanes, names);
}

TEST(PrivateBackend, GivesEachLaneACopyOfTheWholeModule) {
  const ToolsFile file("private_all", kTools);
  const auto toolset = file.load();

  const auto backend = privately(*toolset, 2);

  ASSERT_TRUE(backend.has_value()) << backend.error().message;
  for (const auto& lane : run_on_lanes(**backend, 2, {{"count"}, {"count"}})) {
    EXPECT_EQ(lane, returned({"[1,1]", "[2,2]"}));
  }
}

TEST(PrivateBackend, SharesWhatIsNotNamed) {
  const ToolsFile file("private_some", kTools);
  const auto toolset = file.load();

  const auto backend = privately(*toolset, 2, {"calls"});

  ASSERT_TRUE(backend.has_value()) << backend.error().message;
  EXPECT_EQ(run_on_lane(**backend, 1, {{"count"}, {"count"}}), returned({"[1,1]", "[2,2]"}));
  EXPECT_EQ(run_on_lane(**backend, 2, {{"count"}, {"count"}}), returned({"[1,3]", "[2,4]"}));
}

TEST(PrivateBackend, LeavesTheToolsThemselvesAsTheyAre) {
  const ToolsFile file("private_untouched", kTools);
  const auto toolset = file.load();
  PythonBackend shared(interpreter(), *toolset);
  ASSERT_EQ(run_on_lane(shared, 1, {{"count"}}), returned({"[1,1]"}));

  const auto backend = privately(*toolset, 1);

  ASSERT_TRUE(backend.has_value()) << backend.error().message;
  EXPECT_EQ(run_on_lane(**backend, 1, {{"count"}}), returned({"[1,1]"}));
  EXPECT_EQ(run_on_lane(shared, 1, {{"count"}}), returned({"[2,2]"}));
}

TEST(PrivateBackend, RunsAsyncToolsToo) {
  const ToolsFile file("private_async", kTools);
  const auto toolset = file.load();
  const auto backend = privately(*toolset, 1);
  ASSERT_TRUE(backend.has_value()) << backend.error().message;
  const call::Call call{.id = "", .name = "later", .arguments = "{}"};
  engine::CallControl control;
  std::promise<call::Outcome> promise;

  (*backend)->start_async(1, call, control,
                          [&](call::Outcome outcome) { promise.set_value(std::move(outcome)); });

  EXPECT_EQ(promise.get_future().get(), call::Outcome{call::Returned{"[1,1]"}});
}

TEST(PrivateBackend, SaysThatAFileCannotBeRunTwice) {
  const ToolsFile file("private_once", R"(
import sys

if hasattr(sys, "ran_once"):
    raise RuntimeError("not twice")
sys.ran_once = True

def one() -> int:
    return 1
)");
  const auto toolset = file.load();

  const auto backend = privately(*toolset, 1);

  ASSERT_FALSE(backend.has_value());
  EXPECT_EQ(backend.error().code, ErrorCode::bad_tools);
  EXPECT_NE(backend.error().message.find("not twice"), std::string::npos)
      << backend.error().message;
}

}  // namespace
}  // namespace atonce::python
