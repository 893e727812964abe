"""One run: calls of a few threads at the same time, and what is told of them."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).parent / "run_rounds.py"
ROOT = Path(__file__).resolve().parents[3]
LIMIT = 60  # seconds that nothing takes, unless it hangs

Ended = subprocess.CompletedProcess[str]


class Rounds:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "my_tools.py"
        self.journal = folder / "journal"

    def try_run(self, source: str, *threads: Any, **order: Any) -> Ended:
        """`threads`: (tool's number, its arguments, ...)."""
        self._file.write_text(textwrap.dedent(source), encoding="utf-8")
        self.journal.write_text("")
        whole = {
            "calls": [
                [tool, [json.dumps(one) for one in arguments]] for tool, *arguments in threads
            ],
            "seed": 1,
            "perturb": False,
            "delay_sites": [],
            "limit_seconds": 5,
            "journal": str(self.journal),
        }
        return subprocess.run(
            [sys.executable, str(RUNNER), str(self._file), json.dumps(whole | order)],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    def run(self, source: str, *threads: Any, **order: Any) -> Any:
        ended = self.try_run(source, *threads, **order)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def journal_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]


@pytest.fixture
def rounds(tmp_path: Path) -> Rounds:
    return Rounds(tmp_path)


MEETING = """
    import threading

    both = threading.Barrier(2)
    seen = []

    def f(x: int) -> int:
        both.wait(30)
        seen.append(threading.current_thread().name)
        return x

    def g(y: int) -> list[str]:
        both.wait(30)
        return seen
    """


def test_the_threads_call_their_tools_at_the_same_time(rounds: Rounds) -> None:
    answer = rounds.run(MEETING, (0, {"x": 1}), (1, {"y": 2}))["answer"]

    assert answer["overlapped"] == 1
    assert answer["rounds"] == 1
    assert sorted((one["name"], one["thread"], one["error"]) for one in answer["calls"]) == [
        ("f", 0, None),
        ("g", 1, None),
    ]
    assert all(0 <= one["started"] <= one["ended"] for one in answer["calls"])


def test_a_tool_meets_itself(rounds: Rounds) -> None:
    answer = rounds.run(MEETING, (0, {"x": 1}), (0, {"x": 1}))["answer"]

    assert answer["overlapped"] == 1


FILLED = """
    parcels = {}

    def send(number: int) -> None:
        parcels[number] = []
        raise SystemExit

    def scan(number: int) -> int:
        parcels[number].append(1)
        return number
    """


def test_calls_that_come_before_are_made_first_and_only_once(rounds: Rounds) -> None:
    before = [[0, ['{"number": "no number"}', '{"number": 7}']]]

    answer = rounds.run(FILLED, (1, {"number": 7}), (1, {"number": 7}), before=before)["answer"]

    assert {one["name"] for one in answer["calls"]} == {"scan"}
    assert all(one["error"] is None for one in answer["calls"])
    starts = [line[2:] for line in rounds.journal_lines() if line[0] == "start"]
    assert [name for name, _ in starts[:2]] == ["send", "send"]
    assert "send" not in {name for name, _ in starts[2:]}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_copy_of_the_process_that_comes_back_from_a_call_made_first_ends(rounds: Rounds) -> None:
    source = """
        import os

        def split() -> int:
            return os.fork()

        def look() -> None:
            pass
        """

    answer = rounds.run(source, (1, {}), (1, {}), before=[[0, ["{}"]]])["answer"]

    assert {one["name"] for one in answer["calls"]} == {"look"}
    assert ["fork", 0] in rounds.journal_lines()


def test_slow_tools_are_named(rounds: Rounds) -> None:
    source = """
        import time

        def sleep() -> None:
            time.sleep(0.15)

        def look() -> None:
            pass
        """

    assert rounds.run(source, (0, {}), (1, {}))["answer"]["slow"] == ["sleep"]


@pytest.mark.skipif(
    not hasattr(sys, "_is_gil_enabled") or sys._is_gil_enabled(),
    reason="with the GIL no such calls run at the same time",
)
def test_calls_that_are_over_at_once_are_made_again_until_they_meet(rounds: Rounds) -> None:
    source = """
        calls = []

        def f() -> None:
            calls.append(1)
        """

    answer = rounds.run(source, (0, {}), (0, {}), limit_seconds=30)["answer"]

    assert answer["overlapped"] >= 1
    assert {one["thread"] for one in answer["calls"]} == {0, 1}
    assert all(one["error"] is None for one in answer["calls"])


def test_calls_that_cannot_meet_are_given_up_and_it_is_said(rounds: Rounds) -> None:
    source = """
        def f(which: int) -> int:
            return which
        """

    answer = rounds.run(source, (0, {"which": "no number"}), (0, {"which": 1}))["answer"]

    assert answer["overlapped"] == 0
    assert answer["rounds"] == 1


def test_each_thread_makes_its_calls_in_turn_with_arguments_of_its_own(rounds: Rounds) -> None:
    source = """
        import threading

        met = threading.Barrier(2)
        seen: list = []

        def keep(box: list[int]) -> list[int]:
            met.wait(30)
            box.append(9)
            return box
        """

    answer = rounds.run(source, *[(0, {"box": [1]}, {"box": [1]}, {"box": [2]})] * 2)["answer"]

    assert [one["error"] for one in answer["calls"]] == [None] * 6
    assert [one["thread"] for one in answer["calls"]] == [0, 0, 0, 1, 1, 1]


def test_what_a_call_raises_is_told_and_harms_nobody(rounds: Rounds) -> None:
    source = """
        import sys

        def fails(how: str) -> None:
            if how == "exit":
                sys.exit(3)
            raise ValueError("not " + how)

        class Odd:
            pass

        def gives_an_object() -> object:
            return Odd()
        """

    answer = rounds.run(
        source, (0, {"how": "so"}, {"how": "exit"}, {"wrong": 1}), (1, {}), limit_seconds=0
    )["answer"]
    errors = [one["error"] for one in answer["calls"]]

    assert errors[0] == "ValueError: not so"
    assert errors[1] == "SystemExit: 3"
    assert "wrong" in errors[2]
    assert "`Odd`" in errors[3]  # no JSON, which the host would want


def test_all_kinds_of_functions_run_as_the_host_runs_them(rounds: Rounds) -> None:
    source = """
        import asyncio
        import contextvars
        import threading

        import atonce

        met = threading.Barrier(2)
        variable = contextvars.ContextVar("variable", default=0)
        ended = []

        async def sleeps(x: int) -> int:
            met.wait(30)
            await asyncio.sleep(0)
            ended.append("async")
            return x

        def yields(x: int):
            met.wait(30)
            yield x
            ended.append("generator")

        def has_context(context: atonce.Context, /, *more: int) -> None:
            met.wait(30)
            assert context.remaining > 1 and not context.cancelled
            assert variable.get() == 0
            variable.set(1)
            ended.append(more)

        def looks() -> None:
            met.wait(30)
            assert set(map(str, ended)) == {"async", "generator", "(1, 2)"}, ended
        """
    tools = ["has_context", "looks", "sleeps", "yields"]

    def run(*threads: Any) -> Any:
        return rounds.run(source, *((names.index(name), *each) for name, *each in threads))

    names = [one["name"] for one in _declared(rounds, source)]
    assert sorted(names) == tools
    answer = run(
        ("sleeps", {"x": 1}),
        ("yields", {"x": 1}),
    )["answer"]
    assert [one["error"] for one in answer["calls"]] == [None, None]
    answer = run(("has_context", {"more": [1, 2]}), ("has_context", {"more": [1, 2]}))["answer"]
    assert [one["error"] for one in answer["calls"]] == [None, None]


def _declared(rounds: Rounds, source: str) -> list[dict[str, str]]:
    """The tools in the order of their numbers."""
    found = []
    for number in range(4):
        answer = rounds.run(source, (number, {"no such": 1}), limit_seconds=0)["answer"]
        found.append(answer["calls"][0])
    return found


def test_the_detector_is_told_whose_call_a_thread_runs(rounds: Rounds) -> None:
    told = rounds.run(
        MEETING,
        (0, {"x": 1}),
        (1, {"y": 1}),
        seed=7,
        perturb=True,
        delay_sites=[["my_tools.py", 8]],
    )

    said = told["said"]
    start = said[0][1]
    assert {name: start[name] for name in ("seed", "perturb", "delay_sites")} == {
        "seed": 7,
        "perturb": True,
        "delay_sites": [["my_tools.py", 8]],
    }
    assert start["sink_fd"] > 2
    labels = [one[1] for one in said if one[0] == "label"]
    assert sorted(filter(None, labels)) == ["f", "g"]
    assert labels.count(None) == 2
    assert said[-1] == ["stop"]
    assert told["answer"]["findings"] == [{"kind": "lost_update"}]


def test_threads_have_the_names_of_their_calls(rounds: Rounds) -> None:
    source = """
        import threading

        met = threading.Barrier(2)

        def f() -> None:
            met.wait(30)
            raise RuntimeError(threading.current_thread().name)
        """

    answer = rounds.run(source, (0, {}), (0, {}))["answer"]

    assert [one["error"] for one in answer["calls"]] == [
        "RuntimeError: call-1 f",
        "RuntimeError: call-2 f",
    ]


def test_what_calls_leave_behind_is_told(rounds: Rounds) -> None:
    source = """
        import threading

        met = threading.Barrier(2)
        never = threading.Event()

        def leaves() -> None:
            met.wait(30)
            import colorsys
            threading.Thread(target=never.wait, daemon=True).start()
        """

    answer = rounds.run(source, (0, {}), (0, {}))["answer"]

    assert "colorsys" in answer["imported"]
    assert "json" not in answer["imported"]
    assert answer["threads_left"] == 2
    assert answer["gil"] == (not hasattr(sys, "_is_gil_enabled") or sys._is_gil_enabled())


def test_the_journal_has_the_call_that_ended_the_process(rounds: Rounds) -> None:
    source = """
        import os
        import threading

        met = threading.Barrier(2)

        def ends(code: int) -> None:
            met.wait(30)
            if code:
                os._exit(code)
            threading.Event().wait()
        """

    ended = rounds.try_run(source, (0, {"code": 7}), (0, {"code": 0}))

    assert ended.returncode == 7
    lines = rounds.journal_lines()
    assert ["start", 0, "ends", '{"code": 7}'] in lines
    assert ["start", 1, "ends", '{"code": 0}'] in lines
    assert not any(line[0] == "end" for line in lines)


def test_the_journal_has_what_ended_and_what_forked(rounds: Rounds) -> None:
    source = """
        import os
        import subprocess
        import sys

        def forks() -> None:
            child = os.fork()
            if child:
                os.waitpid(child, 0)

        def starts_a_program() -> None:
            subprocess.run([sys.executable, "-c", ""], check=True)
        """

    forks = rounds.run(source, (0, {}))["answer"]
    forked = rounds.journal_lines()
    rounds.run(source, (1, {}))

    assert [one["error"] for one in forks["calls"]] == [None]
    assert forked == [["start", 0, "forks", "{}"], ["fork", 0], ["end", 0]]
    assert [line[0] for line in rounds.journal_lines()] == ["start", "end"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"calls": [[99, ["{}"]]]}, "IndexError"),
        ({"journal": "/nowhere/at/all"}, "FileNotFoundError"),
        ({"calls": 3}, "TypeError"),
    ],
)
def test_an_order_that_cannot_be_followed_is_refused(
    rounds: Rounds, change: dict[str, Any], word: str
) -> None:
    answer = rounds.run(MEETING, (0, {"x": 1}), **change)["answer"]

    assert list(answer) == ["error"]
    assert word in answer["error"]
