"""Touches many places with two threads, one after the other, and prints by how much that made the
process grow: {"grown_bytes": ..., "places": ...}. For bench/check.py.

usage: check_memory.py KIND
"""

import gc
import json
import os
import sys
from threading import Event, Thread
from typing import Any

SMALL = 200_000  # objects
CONTAINERS = 500
SIZE = 1000  # elements of each


class One:
    def __init__(self) -> None:
        self.a = 1


class Eight:
    def __init__(self) -> None:
        self.a = self.b = self.c = self.d = 1
        self.e = self.f = self.g = self.h = 1


def touch_one(things: list[One]) -> None:
    for thing in things:
        thing.a += 1


def touch_eight(things: list[Eight]) -> None:
    for thing in things:
        thing.a += 1
        thing.b += 1
        thing.c += 1
        thing.d += 1
        thing.e += 1
        thing.f += 1
        thing.g += 1
        thing.h += 1


def read_eight(things: list[Eight]) -> int:
    total = 0
    for thing in things:
        total += thing.a + thing.b + thing.c + thing.d + thing.e + thing.f + thing.g + thing.h
    return total


def touch_lists(things: list[list[int]]) -> None:
    for thing in things:
        for at in range(SIZE):
            thing[at] += 1


def touch_dicts(things: list[dict[int, int]]) -> None:
    for thing in things:
        for at in range(SIZE):
            thing[at] += 1


KINDS: dict[str, Any] = {
    "objects": (lambda: [Eight() for _ in range(SMALL // 8)], touch_eight, SMALL // 8 * 8),
    "small_objects": (lambda: [One() for _ in range(SMALL)], touch_one, SMALL),
    "list": (lambda: [[1] * SIZE for _ in range(CONTAINERS)], touch_lists, CONTAINERS * SIZE),
    "dict": (
        lambda: [dict.fromkeys(range(SIZE), 1) for _ in range(CONTAINERS)],
        touch_dicts,
        CONTAINERS * SIZE,
    ),
    "read_only": (lambda: [Eight() for _ in range(SMALL // 8)], read_eight, SMALL // 8 * 8),
}


def resident_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def touch_by_turns(touch: Any, things: Any) -> None:
    """Both threads are there all the time, so that they are two to whoever counts threads."""
    first_done = Event()

    def first() -> None:
        touch(things)
        first_done.set()

    def second() -> None:
        first_done.wait()
        touch(things)

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    make, touch, places = KINDS[sys.argv[1]]
    gc.collect()
    before = resident_bytes()
    things = make()
    touch_by_turns(touch, things)
    print(json.dumps({"grown_bytes": resident_bytes() - before, "places": places}), flush=True)
