#!/usr/bin/env python3
"""Measures atonce beside its rivals, in one run, and prints tables; bench/results keeps them.

Every figure is the median of interleaved rounds (A B C A B C ...), so that a machine whose speed
drifts treats all alike. Processor time is what a busy machine disturbs least.

usage: run.py --build DIR --python PYTHON --packages SITE [--rounds N] [--seconds S]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Row = dict[str, float]


def run_json(command: list[str], environment: dict[str, str] | None = None) -> Row:
    """The JSON object that the command prints."""
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(command)} failed with exit code {done.returncode}")
    return json.loads(done.stdout)


def interleave(arms: dict[str, Callable[[], Row]], rounds: int) -> dict[str, list[Row]]:
    """The rows of each arm, all arms once a round."""
    rows: dict[str, list[Row]] = {name: [] for name in arms}
    for number in range(rounds):
        print(f"\r    round {number + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
        for name, measure in arms.items():
            rows[name].append(measure())
    print(file=sys.stderr)
    return rows


def median(rows: list[Row], figure: Callable[[Row], float]) -> float:
    return statistics.median(figure(row) for row in rows)


def cpu_us(row: Row) -> float:
    return row["cpu_seconds"] / row["calls"] * 1e6


def wall_us(row: Row) -> float:
    return row["wall_seconds"] / row["calls"] * 1e6


def per_second(row: Row) -> float:
    return row["calls"] / row["wall_seconds"]


# ---- The cost of a call ----


def engine_arms(options: argparse.Namespace) -> dict[str, Callable[[], Row]]:
    bench = str(options.build / "bench" / "bench_engine")
    rival = [str(options.python), "-X", "gil={}", str(HERE / "thread_pool.py")]

    def engine(*arguments: str) -> Callable[[], Row]:
        return lambda: run_json([bench, "--seconds", str(options.seconds), *arguments])

    def pool(gil: str, workers: int) -> Callable[[], Row]:
        command = [part.format(gil) for part in rival] + [str(workers), str(options.seconds)]
        return lambda: run_json(command, {"PYTHONPATH": str(options.packages)})

    arms: dict[str, Callable[[], Row]] = {"bare": engine("--path", "bare")}
    for workers in (1, 2, 4):
        arms[f"atonce, GIL off, {workers}"] = engine("--workers", str(workers))
        arms[f"atonce, GIL on, {workers}"] = engine("--workers", str(workers), "--gil", "on")
        arms[f"ThreadPoolExecutor, GIL off, {workers}"] = pool("0", workers)
        arms[f"ThreadPoolExecutor, GIL on, {workers}"] = pool("1", workers)
    return arms


def show_engine(rows: dict[str, list[Row]]) -> dict[str, Any]:
    bare = median(rows["bare"], cpu_us)
    print(f"\nadd(a, b): the function and pydantic alone take {bare:.2f} microseconds\n")
    print(f"{'workers':<34}{'calls/s':>10}{'wall us':>9}{'CPU us':>8}{'above bare':>12}")
    figures: dict[str, Any] = {"bare_us": bare, "arms": {}}
    for name, arm in rows.items():
        if name == "bare":
            continue
        speed, wall, cpu = median(arm, per_second), median(arm, wall_us), median(arm, cpu_us)
        print(f"{name:<34}{speed:>10,.0f}{wall:>9.2f}{cpu:>8.2f}{cpu - bare:>12.2f}")
        figures["arms"][name] = {"calls_per_second": speed, "wall_us": wall, "cpu_us": cpu}
    return figures


# ---- A turn of eight ----


def turn_arms(options: argparse.Namespace) -> dict[str, Callable[[], Row]]:
    def turn(tool: str, gil: str) -> Callable[[], Row]:
        calls = [{"id": str(i), "name": tool, "args": {"seconds": 0.1}} for i in range(8)]
        command = [
            str(options.build / "atonce"),
            "call",
            str(HERE / "tools.py"),
            "--turn",
            "-",
            "--gil",
            gil,
        ]
        return lambda: {"ms": turn_ms(command, json.dumps(calls))}

    return {
        f"8 x {tool}(0.1), GIL {gil}": turn(tool, gil)
        for tool in ("sleep", "burn")
        for gil in ("off", "on")
    }


def turn_ms(command: list[str], calls: str) -> float:
    """From the start of the turn to its last outcome, as the program itself reports it."""
    done = subprocess.run(
        command, input=calls, stdout=subprocess.PIPE, text=True, timeout=300, check=True
    )
    outcomes = json.loads(done.stdout)
    if any(call["outcome"] != "returned" for call in outcomes):
        raise SystemExit(f"error: a call did not return: {done.stdout}")
    return float(max(call["ended_ms"] for call in outcomes))


def show_turns(rows: dict[str, list[Row]]) -> dict[str, Any]:
    print(f"\n{'a turn of 8 calls of 100 ms':<34}{'median ms':>10}{'low':>9}{'high':>9}")
    figures = {}
    for name, arm in rows.items():
        times = sorted(row["ms"] for row in arm)
        print(f"{name:<34}{statistics.median(times):>10.1f}{times[0]:>9.1f}{times[-1]:>9.1f}")
        figures[name] = {
            "median_ms": statistics.median(times),
            "low_ms": times[0],
            "high_ms": times[-1],
        }
    gain = (
        figures["8 x burn(0.1), GIL on"]["median_ms"]
        / figures["8 x burn(0.1), GIL off"]["median_ms"]
    )
    print(f"computing calls are {gain:.2f} times as fast with the GIL off")
    return {**figures, "burn_gain": gain}


# ---- Start and memory ----


def start_arm(options: argparse.Namespace) -> dict[str, Callable[[], Row]]:
    command = [
        str(options.build / "atonce"),
        "call",
        str(HERE / "tools.py"),
        "add",
        '{"a": 1, "b": 2}',
    ]
    return {"atonce call": lambda: measure_process(command)}


def measure_process(command: list[str]) -> Row:
    """Wall time until the outcome's first byte; processor time and peak memory of the process."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    first = child.stdout.read(1)
    waited = time.perf_counter() - started
    child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0 or not first:
        raise SystemExit(f"error: {' '.join(command)} failed")
    cpu = usage.ru_utime + usage.ru_stime
    return {"first_ms": waited * 1e3, "cpu_ms": cpu * 1e3, "peak_mb": usage.ru_maxrss * 1024 / 1e6}


def show_start(rows: dict[str, list[Row]]) -> dict[str, Any]:
    arm = rows["atonce call"]
    figures = {name: median(arm, lambda row, name=name: row[name]) for name in arm[0]}  # type: ignore[misc]
    print(
        f"\natonce call, from start to first outcome: {figures['first_ms']:.0f} ms, "
        f"{figures['cpu_ms']:.0f} ms of processor time, {figures['peak_mb']:.1f} MB at its peak"
    )
    return figures


# ---- All of it ----


def describe_machine(python: Path) -> dict[str, str]:
    def ask(command: list[str]) -> str:
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "system": platform.platform(),
        "python": ask([str(python), "-c", "import sys; print(sys.version)"]),
        "commit": ask(["git", "-C", str(HERE), "describe", "--always", "--dirty"]),
        "command": "make bench",
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    machine = describe_machine(options.python)
    for key, value in machine.items():
        print(f"{key:<10} {value}")
    results: dict[str, Any] = {
        "machine": machine,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    results["engine"] = show_engine(interleave(engine_arms(options), options.rounds))
    results["turns"] = show_turns(interleave(turn_arms(options), options.rounds))
    results["start"] = show_start(interleave(start_arm(options), 3 * options.rounds))
    file = HERE / "results" / "engine.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nkept in {file.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
