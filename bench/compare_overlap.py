#!/usr/bin/env python3
"""Whether two runs of `atonce compare` on a busy machine agree: pairs of runs, and for each ratio
that both told, whether their intervals overlap.

Something else keeps half of a core busy meanwhile, in bursts, as a compiler or a browser does.

usage: compare_overlap.py --program PROGRAM [--pairs N] [--budget SECONDS]
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "examples" / "live_demo.py"
BURSTS = """
import random, time
while True:
    until = time.monotonic() + random.expovariate(10)
    while time.monotonic() < until:
        pass
    time.sleep(random.expovariate(10))
"""
Arm = tuple[str, int]
Interval = dict[str, float]


@contextmanager
def busy() -> Iterator[None]:
    neighbour = subprocess.Popen([sys.executable, "-c", BURSTS], start_new_session=True)
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


def compare(options: argparse.Namespace) -> dict[Arm, Interval]:
    """The ratios that a run tells; those too noisy are not among them."""
    command = [options.program, "compare", f"{TARGET}::count_primes", "--json"]
    command += ["--args", '{"limit": 3000}', "--budget", str(options.budget)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return {
        (arm["name"], arm["workers"]): arm["speedup"]
        for arm in report["arms"]
        if arm["speedup"] is not None and arm["name"] != "serial"
    }


def overlap(one: Interval, other: Interval) -> bool:
    return one["low"] <= other["high"] and other["low"] <= one["high"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--budget", type=float, default=15)
    options = parser.parse_args()
    told = agreed = 0
    with busy():
        for number in range(1, options.pairs + 1):
            first, second = compare(options), compare(options)
            both = first.keys() & second.keys()
            apart = sorted(arm for arm in both if not overlap(first[arm], second[arm]))
            told += len(both)
            agreed += len(both) - len(apart)
            named = ", ".join(f"{name}-{workers}" for name, workers in apart) or "none"
            print(f"pair {number}: {len(both)} ratios told by both, apart: {named}", flush=True)
    print(f"{agreed} of {told} intervals overlap, in {options.pairs} pairs")


if __name__ == "__main__":
    main()
