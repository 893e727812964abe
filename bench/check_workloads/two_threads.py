"""Runs a workload of bench/check.py: two threads, started and waited for, and what they took.

A workload is a script of its own. It asserts its results, and its last line is what this prints:
{"wall_seconds": ..., "cpu_seconds": ...}. `SCALE` in the environment makes it shorter, for those
that would take too long.
"""

import json
import os
import time
from collections.abc import Callable
from threading import Thread
from typing import Any


def scaled(rounds: int) -> int:
    return max(1, int(rounds * float(os.environ.get("SCALE", "1"))))


def measure(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """What the two return, each in a thread of its own; what they took is printed."""
    results: list[Any] = [None, None]

    def work(number: int, function: Callable[[], Any]) -> None:
        results[number] = function()

    threads = [Thread(target=work, args=pair) for pair in enumerate((first, second))]
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"wall_seconds": wall, "cpu_seconds": cpu}), flush=True)
    return results
