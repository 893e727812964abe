"""atonce compare says why threads do not scale: a function built to have each cause.

What is asked is which cause is named, never how long something takes. A machine that is busy with
other things can hide a cause, so each gets four chances.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from conftest import Program, WriteTools
from test_compare import compare
from test_gil import old_module  # noqa: F401  # a fixture

pytestmark = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="one core: no threads that could fail to scale"
)

CHANCES = 4
MEMORY_SERVES_ALL = 1.5  # times as fast on all cores, streaming through memory
TOOLS = """
    import mmap
    import threading

    class Counter:
        value = 0

    COUNTER = Counter()
    COUNTER.value = 0
    SETTINGS = {"step": 1.5}

    def share(times: int = 10_000) -> int:
        for _ in range(times):
            COUNTER.value += 1
        return times

    LOCK = threading.Lock()

    def lock(times: int = 300) -> int:
        for _ in range(times):
            with LOCK:
                sum(range(100))
        return times

    class Store:
        def __init__(self) -> None:
            self.lock = threading.RLock()

    STORE = Store()

    def lock_in_an_object(times: int = 300) -> int:
        for _ in range(times):
            with STORE.lock:
                sum(range(100))
        return times

    def allocate(times: int = 100) -> int:
        for _ in range(times):
            with mmap.mmap(-1, 65_536) as pages:
                for at in range(0, len(pages), 4_096):
                    pages[at] = 1
        return times

    OWN = threading.local()

    def copy(times: int = 2) -> int:
        if not hasattr(OWN, "block"):
            OWN.block = bytearray(64_000_000)
        half = memoryview(OWN.block)[32_000_000:]
        for _ in range(times):
            OWN.block[:32_000_000] = half
        return times

    def short(a: int = 1, b: int = 2) -> int:
        return a + b

    def compute(n: int = 20_000) -> int:
        total = 0
        for number in range(n):
            total += number * number % 7
        return total
"""


def causes(
    atonce: Program, tools: WriteTools, name: str, wanted: str, source: str = TOOLS
) -> dict[str, Any]:
    """The cause of the kind `wanted`; the test fails when it is not named."""
    target = f"{tools(source)}::{name}"
    seen: list[Any] = []
    for _ in range(CHANCES):
        report = compare(atonce, target, budget=14)
        found = [cause for cause in report["causes"] if cause["kind"] == wanted]
        if found:
            return found[0]
        seen.append(
            (
                report["causes"],
                [(a["name"], a["workers"], a["speedup"], a["note"]) for a in report["arms"]],
            )
        )
    pytest.fail(f"`{wanted}` was not named: {seen}")


def test_a_shared_object_is_named(atonce: Program, tools: WriteTools) -> None:
    cause = causes(atonce, tools, "share", "reference_count")

    assert "COUNTER" in cause["subject"] and "SETTINGS" not in cause["subject"]


def test_a_lock_is_named_with_its_place(atonce: Program, tools: WriteTools) -> None:
    cause = causes(atonce, tools, "lock", "lock")

    assert "`LOCK`" in cause["subject"] and "my_tools.py:" in cause["subject"]
    assert "%" in cause["evidence"]


def test_a_lock_in_an_object_is_named_by_its_way(atonce: Program, tools: WriteTools) -> None:
    assert "STORE.lock" in causes(atonce, tools, "lock_in_an_object", "lock")["subject"]


def test_the_collectors_pauses_are_named(atonce: Program, tools: WriteTools) -> None:
    source = """
        import gc

        HEAP = [[number] for number in range(20_000)]

        def collect(times: int = 3) -> int:
            for _ in range(times):
                collected = 0
                while collected == 0:  # another thread's collection may have taken it
                    link: list = []
                    link.append(link)
                    del link
                    collected = gc.collect()
            return times
    """
    assert "%" in causes(atonce, tools, "collect", "collector", source)["evidence"]


def test_memory_taken_from_the_system_is_named(atonce: Program, tools: WriteTools) -> None:
    causes(atonce, tools, "allocate", "allocation")


def test_the_machines_memory_is_named(atonce: Program, tools: WriteTools) -> None:
    """Where it holds anything back: some machines' memory serves all their cores."""
    target = f"{tools(TOOLS)}::copy"
    speedups = []
    for _ in range(CHANCES):
        report = compare(atonce, target, budget=14)
        if "memory_bandwidth" in [cause["kind"] for cause in report["causes"]]:
            return
        speedups.append(speedup_of_threads(report))
    if all(speedup is None or speedup > MEMORY_SERVES_ALL for speedup in speedups):
        pytest.skip(f"this machine's memory serves all its cores: {speedups}")
    pytest.fail(f"`memory_bandwidth` was not named: {speedups}, {report['causes']}")


def speedup_of_threads(report: dict[str, Any]) -> float | None:
    """The median of the free threads on as many workers as there are cores."""
    cores = len(os.sched_getaffinity(0))
    for arm in report["arms"]:
        if arm["name"] == "threads_nogil" and arm["workers"] == cores and arm["speedup"]:
            return float(arm["speedup"]["median"])
    return None


def test_calls_that_are_too_short_are_named(atonce: Program, tools: WriteTools) -> None:
    causes(atonce, tools, "short", "short_calls")


def test_a_policy_that_keeps_calls_apart_is_named(atonce: Program, tools: WriteTools) -> None:
    source = """
        import atonce

        @atonce.tool(serial="database")
        def write(n: int = 5_000) -> int:
            return sum(number * number for number in range(n))
    """
    assert "`database`" in causes(atonce, tools, "write", "policy", source)["subject"]


@contextmanager
def busy_cores() -> Iterator[None]:
    """As many busy processes as there are cores."""
    spin = [sys.executable, "-c", "while True: pass"]
    children = [
        # Sessions of their own, as other programs have.
        subprocess.Popen(spin, start_new_session=True)
        for _ in os.sched_getaffinity(0)
    ]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_a_machine_without_free_cores_is_named(atonce: Program, tools: WriteTools) -> None:
    """Or the noise is said to be too large for any figure."""
    target = f"{tools(TOOLS)}::compute"
    # As much as one core's worth of work besides: half of what two threads could have.
    with busy_cores():
        report = compare(atonce, target, budget=10)

    kinds = [cause["kind"] for cause in report["causes"]]
    assert kinds == ["few_cores"] or not report["has_verdict"] or not kinds, report
    assert report["machine"]["used_by_others"] > 0.2


def test_a_function_that_scales_has_no_cause(atonce: Program, tools: WriteTools) -> None:
    target = f"{tools(TOOLS)}::compute"
    for _ in range(CHANCES):
        report = compare(atonce, target, budget=10)
        if not report["causes"]:
            return
    # A busy machine is the only other thing that may be said of it.
    assert {cause["kind"] for cause in report["causes"]} == {"few_cores"}
