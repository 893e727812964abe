"""atonce compare: every arm says what it measured, or why it could not."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Program, WriteTools
from test_gil import old_module  # noqa: F401  # a fixture

ARMS = {"serial", "threads_gil", "threads_nogil", "processes", "processes_fork", "subinterpreters"}
FIGURES = {
    "name", "workers", "seconds", "speedup", "speedup_over_best", "startup_seconds", "pss_mb",
    "cpu_seconds", "copied_bytes_per_call",
}  # fmt: skip

COMPUTE = """
    def compute(n: int) -> int:
        total = 0
        for number in range(n):
            total += number * number % 7
        return total
"""


def compare(atonce: Program, target: str, *options: str, budget: float = 4) -> dict[str, Any]:
    """The report; the exit code must be 0."""
    done = atonce.run("compare", target, "--json", "--budget", str(budget), *options)
    assert done.code == 0, done.err
    report: dict[str, Any] = json.loads(done.out)
    return report


def of_kind(report: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [arm for arm in report["arms"] if arm["name"] == kind]


def trouble_of(arm: dict[str, Any]) -> str:
    """Its note, but for what a busy machine may add to any arm's."""
    notes = (arm["note"] or "").split("; ")
    return "; ".join(note for note in notes if not note.startswith(("too noisy to tell", "only ")))


def notes_of(report: dict[str, Any], kind: str) -> str:
    return " ".join(arm["note"] or "" for arm in of_kind(report, kind))


def test_every_arm_has_its_figures(atonce: Program, tools: WriteTools) -> None:
    report = compare(atonce, f"{tools(COMPUTE)}::compute", "--args", '{"n": 2000}')

    assert {arm["name"] for arm in report["arms"]} == ARMS
    assert report["arms"][0]["name"] == "serial"
    assert report["args"] == [{"n": 2000}]
    for arm in report["arms"]:
        assert arm.keys() >= FIGURES, arm
        assert not trouble_of(arm), arm
        assert arm["rounds"] >= 6, arm
        assert 0 < arm["seconds"]["low"] <= arm["seconds"]["median"] <= arm["seconds"]["high"], arm
        assert arm["pss_mb"] > 5, arm
        assert arm["cpu_seconds"] > 0, arm
        copies = arm["name"] in ("processes", "processes_fork", "subinterpreters")
        assert (arm["copied_bytes_per_call"] > 0) == copies, arm
    serial = of_kind(report, "serial")[0]
    assert serial["speedup"] == {"median": 1, "low": 1, "high": 1}
    assert report["machine"]["cores"] >= 1 and report["machine"]["python"]
    assert report["verdict"]
    assert [size for size, _ in report["copying"]][:2] == [0, 1000]


def test_more_processes_take_more_memory_and_longer_to_start(
    atonce: Program, tools: WriteTools
) -> None:
    report = compare(atonce, f"{tools(COMPUTE)}::compute", "--args", '{"n": 2000}')

    threads = of_kind(report, "threads_nogil")[-1]
    processes = of_kind(report, "processes")[-1]
    assert processes["pss_mb"] > threads["pss_mb"]
    assert processes["startup_seconds"] > threads["startup_seconds"]


def test_arguments_are_made_up_from_the_types(atonce: Program, tools: WriteTools) -> None:
    source = """
        from datetime import date
        from typing import Literal

        def plan(day: date, kind: Literal["talk", "workshop"], seats: list[int]) -> str:
            return f"{day:%A} {kind} {sum(seats)}"
    """
    report = compare(atonce, f"{tools(source)}::plan")

    (made_up,) = report["args"]
    assert made_up["kind"] in ("talk", "workshop")
    assert "--args" in report["command"]


def test_an_ordinary_python_takes_part(atonce: Program, tools: WriteTools) -> None:
    source = """
        from dataclasses import dataclass
        import atonce

        @dataclass
        class Order:
            pieces: int

        @atonce.tool(name="price")
        def price_of(order: Order) -> int:
            return sum(range(order.pieces))
    """
    target = f"{tools(source)}::price"
    args = ("--args", '{"order": {"pieces": 5000}}')
    report = compare(atonce, target, *args, "--python", sys.executable, budget=6)

    for kind in ("python_serial", "python_threads", "python_processes"):
        for arm in of_kind(report, kind):
            assert not trouble_of(arm), arm
            assert arm["seconds"] is not None, arm
    assert of_kind(report, "python_serial")[0]["speedup"]["median"] == 1
    assert report["machine"]["ordinary_python"].startswith(f"{sys.version_info[0]}.")


def test_an_interpreter_that_is_not_there_is_told_before_anything_runs(
    atonce: Program, tools: WriteTools
) -> None:
    done = atonce.run("compare", f"{tools(COMPUTE)}::compute", "--python", "no-such-python")

    assert done.code == 2
    assert "no-such-python" in done.err


def test_arguments_that_cannot_be_pickled_stop_the_ordinary_arms_only(
    atonce: Program, tools: WriteTools
) -> None:
    source = """
        from pydantic import BaseModel

        def make() -> type:
            class Hidden(BaseModel):
                n: int
            return Hidden

        Hidden = make()

        def use(hidden: Hidden) -> int:
            return hidden.n
    """
    target = f"{tools(source)}::use"
    args = ("--args", '{"hidden": {"n": 1}}')
    report = compare(atonce, target, *args, "--python", sys.executable, budget=12)

    assert "pickle" in notes_of(report, "python_serial")
    row = of_kind(report, "processes")[0]
    assert row["seconds"] is not None or "too noisy" in row["note"], row


def test_nothing_needs_to_be_pickled_for_processes(atonce: Program, tools: WriteTools) -> None:
    source = """
        import atonce

        def make():
            def inner(n: int) -> int:
                return sum(range(n))
            return inner

        closure = atonce.tool(name="closure")(make())
    """
    report = compare(atonce, f"{tools(source)}::closure", "--args", '{"n": 1000}')

    assert of_kind(report, "processes")[0]["seconds"] is not None


def test_a_function_that_raises_says_so_in_each_row(atonce: Program, tools: WriteTools) -> None:
    source = "def fail() -> None:\n    raise ValueError('not today')\n"
    done = atonce.run("compare", f"{tools(source)}::fail", "--json", "--budget", "4")

    assert done.code == 1
    report = json.loads(done.out)
    for arm in report["arms"]:
        assert "ValueError: not today" in arm["note"], arm
        assert arm["seconds"] is None
    assert not report["has_verdict"] and report["verdict"].startswith("No verdict")


def test_a_function_that_fails_in_children_only_leaves_the_other_arms_alone(
    atonce: Program, tools: WriteTools
) -> None:
    source = """
        import threading

        def here() -> int:
            # Each process has one calling thread, and each child is one that serves a socket.
            open("/proc/self/cmdline").read().index("arm")
            return sum(range(2000))
    """
    report = compare(atonce, f"{tools(source)}::here")

    assert "ValueError" in notes_of(report, "processes")
    assert of_kind(report, "processes")[0]["seconds"] is None
    assert of_kind(report, "threads_nogil")[0]["seconds"] is not None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Segmentation fault"),
        ("os._exit(3)", "exit code 3"),
        ("time.sleep(1000)", "did not end"),
    ],
)
def test_a_function_that_takes_its_process_down_or_hangs_is_told_and_left(
    atonce: Program, tools: WriteTools, body: str, said: str
) -> None:
    source = f"""
        import os, signal, time

        def rude() -> None:
            {body}
    """
    done = atonce.run("compare", f"{tools(source)}::rude", "--json", "--budget", "6")

    assert done.code == 1
    report = json.loads(done.out)
    # In the arms of child processes the call is lost, and their host lives.
    for kind in ("serial", "threads_gil", "threads_nogil"):
        assert said in notes_of(report, kind), report["arms"]
    for arm in report["arms"]:
        assert arm["note"] and arm["seconds"] is None, arm


def test_what_a_function_prints_does_not_mix_with_the_report(
    atonce: Program, tools: WriteTools
) -> None:
    source = "def talk() -> None:\n    print('noise' * 10)\n"
    done = atonce.run("compare", f"{tools(source)}::talk", "--json", "--budget", "4")

    assert "noise" not in done.out and "noise" not in done.err
    report = json.loads(done.out)
    for kind in ("serial", "threads_nogil", "processes"):
        assert "printed" in notes_of(report, kind)


def test_a_function_that_forks_is_measured_like_any_other(
    atonce: Program, tools: WriteTools
) -> None:
    source = """
        import os

        def fork() -> int:
            pid = os.fork()
            if pid == 0:
                os._exit(7)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    """
    report = compare(atonce, f"{tools(source)}::fork")

    for kind in ("serial", "threads_nogil", "processes"):
        assert of_kind(report, kind)[0]["seconds"] is not None, report["arms"]


@pytest.mark.usefixtures("old_module")
def test_an_import_that_turns_the_gil_on_is_named_in_the_row_and_as_the_cause(
    atonce: Program, tools: WriteTools
) -> None:
    source = """
        def compute(n: int) -> int:
            import old_module
            return sum(number * number for number in range(n))
    """
    report = compare(atonce, f"{tools(source)}::compute", "--args", '{"n": 5000}', budget=6)

    assert "`old_module` turned it on" in notes_of(report, "threads_nogil")
    assert of_kind(report, "processes")[0]["seconds"] is not None
    (cause,) = report["causes"]
    assert cause["kind"] == "gil" and "old_module" in cause["subject"]


def test_a_module_that_refuses_other_interpreters_stops_that_arm_only(
    atonce: Program, tools: WriteTools
) -> None:
    source = """
        import pydantic

        def compute(n: int) -> int:
            return sum(range(n))
    """
    report = compare(atonce, f"{tools(source)}::compute", "--args", '{"n": 5000}')

    assert "pydantic" in notes_of(report, "subinterpreters")
    assert of_kind(report, "subinterpreters")[0]["seconds"] is None
    assert of_kind(report, "threads_nogil")[0]["seconds"] is not None


@pytest.mark.parametrize("where", ["sync", "async"])
def test_async_functions_and_generators_are_measured(
    atonce: Program, tools: WriteTools, where: str
) -> None:
    source = """
        import asyncio

        async def wait() -> int:
            await asyncio.sleep(0.002)
            return 1

        def steps():
            for number in range(50):
                yield number
    """
    name = "wait" if where == "async" else "steps"
    report = compare(atonce, f"{tools(source)}::{name}")

    for arm in report["arms"]:
        assert arm["seconds"] is not None, arm


class TestBadUse:
    """Exit code 2, and nothing is run."""

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ("{file}", "does not say which function"),
            ("{file}::", "does not say which function"),
            ("{file}::comptue", "has no tool `comptue`"),
            ("no_such.py::compute", "no file `no_such.py`"),
        ],
    )
    def test_a_target_that_is_none(
        self, atonce: Program, tools: WriteTools, target: str, said: str
    ) -> None:
        done = atonce.run("compare", target.format(file=tools(COMPUTE)))

        assert done.code == 2
        assert said in done.err

    @pytest.mark.parametrize("arguments", ['{"n": "many"}', "{}", "[1]", "no JSON", '{"m": 1}'])
    def test_arguments_that_do_not_fit(
        self, atonce: Program, tools: WriteTools, arguments: str
    ) -> None:
        done = atonce.run("compare", f"{tools(COMPUTE)}::compute", "--args", arguments)

        assert done.code == 2
        assert done.err.startswith("error: ")

    def test_a_destructive_function(self, atonce: Program, tools: WriteTools) -> None:
        source = """
            import atonce
            from pathlib import Path

            @atonce.tool(destructive=True)
            def wipe() -> int:
                Path(__file__).with_name("wiped").touch()
                return 1
        """
        file = tools(source)
        done = atonce.run("compare", f"{file}::wipe")

        assert done.code == 2
        assert "destructive" in done.err and "--include-destructive" in done.err
        assert not Path(file).with_name("wiped").exists()
        assert (
            atonce.run("compare", f"{file}::wipe", "--include-destructive", "--budget", "3").code
            == 0
        )

    def test_a_page_that_cannot_be_written(self, atonce: Program, tools: WriteTools) -> None:
        done = atonce.run(
            "compare", f"{tools(COMPUTE)}::compute", "--args", '{"n": 10}', "--budget", "3",
            "--html", "no/such/folder/page.html",
        )  # fmt: skip

        assert done.code == 2
        assert "no/such/folder/page.html" in done.err


def test_the_table_says_the_verdict_last(atonce: Program, tools: WriteTools) -> None:
    done = atonce.run(
        "compare", f"{tools(COMPUTE)}::compute", "--args", '{"n": 2000}', "--budget", "4"
    )

    assert done.code == 0
    assert "threads, GIL off" in done.out and "processes" in done.out
    assert done.out.rstrip().splitlines()[-1]
    assert not done.err
