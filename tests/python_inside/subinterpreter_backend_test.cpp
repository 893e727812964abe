// Calls in interpreters of their own, in this process.

#include "python/subinterpreter_backend.h"

#include "embedded.h"

namespace atonce::python {
namespace {

using call::Outcome;

constexpr char kTools[] = R"(
import asyncio
import contextvars
import dataclasses
import datetime
import enum

import atonce

calls = 0
mark = contextvars.ContextVar("mark", default="none")


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: datetime.date


def count() -> int:
    global calls
    calls += 1
    return calls


def move(point: Point, colours: list[Colour]) -> Point:
    assert type(point) is Point and colours == [Colour.RED]
    return Point(point.x + 1, point.y)


def divide(a: int, b: int) -> float:
    return a / b


def odd() -> dict:
    return {"nan": float("nan"), "text": "\u00e9", "tuple": (1, None)}


def closure() -> object:
    return lambda: 1


def numbers(n: int):
    yield from range(n)


async def wait(text: str) -> str:
    await asyncio.sleep(0)
    return text


def leave() -> None:
    raise SystemExit(3)


def ask(context: atonce.Context) -> list:
    return [context.cancelled, context.deadline is not None]


def set_mark() -> str:
    before = mark.get()
    mark.set("set")
    return before
)";

// All of it, so that a test reads in one line.
struct Apart {
  Apart(const std::string& name, const std::string& text) : file(name, text), toolset(file.load()) {
    auto made = SubinterpreterBackend::make(interpreter(), *toolset, file.options);
    if (!made) throw std::runtime_error(made.error().message);
    backend = *std::move(made);
  }

  ToolsFile file;
  std::unique_ptr<Toolset> toolset;
  std::unique_ptr<SubinterpreterBackend> backend;
};

TEST(SubinterpreterBackend, GivesEachLaneAModuleOfItsOwn) {
  Apart apart("each_lane", kTools);

  const auto outcomes = run_on_lanes(*apart.backend, 4, {{"count"}, {"count"}, {"count"}});

  for (const auto& lane : outcomes) EXPECT_EQ(lane, returned({"1", "2", "3"}));
}

TEST(SubinterpreterBackend, CarriesArgumentsAndResultsThatJsonDoesNotKnow) {
  Apart apart("carries", kTools);

  const auto outcomes =
      run_on_lane(*apart.backend, 1,
                  {{"move", R"({"point": {"x": 1, "y": "2024-02-29"}, "colours": ["red"]})"},
                   {"odd"},
                   {"numbers", R"({"n": 3})"},
                   {"wait", R"({"text": "done"})"}});

  EXPECT_EQ(outcomes, returned({R"({"x":2,"y":"2024-02-29"})",
                                "{\"nan\":\"NaN\",\"text\":\"\u00e9\",\"tuple\":[1,null]}",
                                "[0,1,2]", "\"done\""}));
}

TEST(SubinterpreterBackend, TellsWhatAFunctionRaises) {
  Apart apart("raises", kTools);

  const auto outcomes = run_on_lane(*apart.backend, 1,
                                    {{"divide", R"({"a": 1, "b": 0})"},
                                     {"leave"},
                                     {"divide", R"({"a": 1})"},
                                     {"closure"},
                                     {"divide", R"({"a": 1, "b": 2})"}});

  const auto& raised = std::get<call::Raised>(outcomes[0]);
  EXPECT_EQ(raised.type, "ZeroDivisionError");
  EXPECT_EQ(raised.message, "division by zero");
  EXPECT_NE(raised.traceback.find("return a / b"), std::string::npos) << raised.traceback;
  EXPECT_EQ(std::get<call::Raised>(outcomes[1]).type, "SystemExit");
  EXPECT_EQ(std::get<call::Invalid>(outcomes[2]).type, "invalid_arguments");
  EXPECT_NE(std::get<call::Raised>(outcomes[3]).message.find("cannot leave its interpreter"),
            std::string::npos);
  EXPECT_EQ(outcomes[4], Outcome{call::Returned{"0.5"}});
}

TEST(SubinterpreterBackend, GivesAToolItsContextAndEachCallItsContextVariables) {
  Apart apart("contexts", kTools);

  EXPECT_EQ(run_on_lane(*apart.backend, 1, {{"ask"}, {"set_mark"}, {"set_mark"}}),
            returned({"[false,true]", "\"none\"", "\"none\""}));
}

TEST(SubinterpreterBackend, SaysWhichModuleRefusesASecondInterpreter) {
  Apart apart("refused", "import pydantic\ndef add(a: int, b: int) -> int:\n    return a + b\n");

  const auto outcomes = run_on_lane(*apart.backend, 1, {{"add", R"({"a": 1, "b": 2})"}});

  const auto& reason = std::get<call::NotStarted>(outcomes[0]).reason;
  EXPECT_NE(reason.find("pydantic_core"), std::string::npos) << reason;
  ASSERT_TRUE(apart.backend->failure().has_value());
  EXPECT_EQ(apart.backend->failure()->code, ErrorCode::bad_tools);
  EXPECT_EQ(apart.backend->failure()->message, reason);
}

TEST(SubinterpreterBackend, OpensAndClosesLanesWhileOthersRun) {
  Apart apart("opens", kTools);
  const std::vector<Wanted> calls(20, {"numbers", R"({"n": 1000})"});

  for (int round = 0; round < 3; ++round) {
    for (const auto& lane : run_on_lanes(*apart.backend, 6, calls)) {
      ASSERT_EQ(lane.size(), calls.size());
      for (const Outcome& outcome : lane) EXPECT_EQ(name_of(outcome), "returned");
    }
  }
  EXPECT_FALSE(apart.backend->failure().has_value());
}

}  // namespace
}  // namespace atonce::python
