"""atonce check: what is known of an object ends with it."""

import textwrap
from pathlib import Path

import pytest
from conftest import Program

MOST_GROWTH = 8 * 1024 * 1024  # bytes

# Two threads make and drop objects, a million together and then nine more.
CHURN = """
import os
from threading import Thread


class Reading:
    def __init__(self, value):
        self.value = value
        self.next = None


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def make_and_drop(count):
    total = 0
    for number in range(count):
        reading = KIND
        total += USE
    assert total == count * (count - 1) // 2


def by_two_threads(count):
    threads = [Thread(target=make_and_drop, args=(count // 2,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


by_two_threads(FEW)
few = resident_bytes()
by_two_threads(MANY - FEW)
print(f"grown by {resident_bytes() - few} bytes", flush=True)
"""

# How one is made, and what is read of it.
KINDS = {
    "object": ("Reading(number); reading.next = reading.value", "reading.next"),
    "list": ("[0, 0]; reading[1] = number; reading.append(number)", "reading[1]"),
    "dict": ("{}; reading['value'] = [number]", "reading['value'][0]"),
}


def growth_under_check(atonce: Program, file: Path, kind: str, few: int, many: int) -> int:
    """Bytes by which the process grew between `few` objects and `many`."""
    statement, use = KINDS[kind]
    script = textwrap.dedent(CHURN).replace("KIND", statement).replace("USE", use)
    file.write_text(script.replace("FEW", str(few)).replace("MANY", str(many)))
    options = ("--budget", 1, "--timeout", 500)
    done = atonce.run("check", *options, "--script", file, timeout=550)
    assert done.code == 0, done.err
    lines = [line for line in done.err.splitlines() if line.startswith("grown by ")]
    assert len(lines) == 1, done.err
    return int(lines[0].split()[2])


@pytest.mark.slow
def test_ten_million_dropped_objects_leave_nothing_behind(atonce: Program, tmp_path: Path) -> None:
    growth = growth_under_check(atonce, tmp_path / "churn.py", "object", 1_000_000, 10_000_000)

    assert growth < MOST_GROWTH


@pytest.mark.parametrize("kind", KINDS)
def test_dropped_objects_leave_nothing_behind(atonce: Program, tmp_path: Path, kind: str) -> None:
    # What is kept of one is 80 bytes and more: 32 MB of 400,000.
    growth = growth_under_check(atonce, tmp_path / "churn.py", kind, 100_000, 500_000)

    assert growth < MOST_GROWTH
