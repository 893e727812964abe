#!/usr/bin/env python3
"""Measures what `atonce check` costs: how much slower a program is while it is watched, beside two
other race detectors for Python, and how much memory is kept for each place that is watched.

The workloads are the scripts of check_workloads, two threads each, free of races. A script measures
itself from the start of its threads to their end, so that neither start-up nor rewriting is part of
it. All arms take turns, and a round gives one ratio for each of them: over the same script in the
same Python, unwatched. Processor time is what a busy machine disturbs least.

A rival is first tried with a small part of the work. One that is over 10 times slower there is not
measured in the rounds; one that is over 100 times slower, or hangs, is stopped.

usage: check.py --program PROGRAM --rivals VENV [--rounds N] [--workload NAME ...]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from run import describe_machine

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "check_workloads"
WORKLOADS = {
    "attributes": "attribute-heavy class",
    "dict_counter": "dict counter",
    "matrix": "matrix multiply on lists",
    "nbody": "n-body objects",
    "sieve": "sieve",
    "work_queue": "queue, producer and consumer",
}
MEMORY = {
    "objects": "object of 8 attributes",
    "small_objects": "object of 1 attribute",
    "list": "list of 1000 numbers",
    "dict": "dictionary of 1000 numbers",
    "read_only": "object of 8 attributes, read by both threads",
}
PART = 0.05  # of the work, to try a rival with
MOST = 100  # times as slow
MOST_IN_ROUNDS = 10
STILL = 20  # seconds without work that say that it hangs
Row = dict[str, float]
Command = list[str]


class RunError(Exception):
    """What became of a run, in a few words."""


def run_script(command: Command, part: float = 1, most_cpu_seconds: float = 300) -> Row:
    """The last line that looks like a workload's. Raises RunError."""
    environment = {**os.environ, "SCALE": str(part), "PYTHONPATH": str(SCRIPTS)}
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        code = wait(child, most_cpu_seconds)
        said.seek(0)
        lines = said.read().splitlines()
    rows = [line for line in lines if line.startswith("{") and line.endswith("}")]
    if code != 0 or not rows:
        raise RunError("fails: " + (lines or [f"exit code {code}"])[-1][:200])
    row: Row = json.loads(rows[-1])
    return row


def wait(child: "subprocess.Popen[bytes]", most_cpu_seconds: float) -> int:
    """Its exit code. One that takes too much, or does nothing for a while, is ended: RunError."""
    used = [0.0] * STILL
    while True:
        try:
            return child.wait(1)
        except subprocess.TimeoutExpired:
            used.append(cpu_seconds_of(child.pid))
        is_late = used[-1] > most_cpu_seconds
        if is_late or used[-1] - used[-STILL] < 0.05 < used[-1]:
            child.kill()
            child.wait()
            raise RunError(f">{MOST}" if is_late else "hangs")


def cpu_seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- Slow-down ----


def watched(program: str, script: Path) -> Command:
    """One run of the script, since it takes longer than the budget; else the first counts."""
    return [program, "check", "--budget", "1", "--timeout", "300", "--script", str(script)]


def rivals(venv: Path, script: Path) -> dict[str, Command]:
    folder = venv / "bin"
    return {
        "pyvft": [str(folder / "python"), "-m", "pyvft", str(script)],
        "threadcheck": [str(folder / "threadcheck"), "run", str(script)],
    }


def try_rival(command: Command, plain: Command) -> float | str:
    """How many times as slow it is with a part of the work; or what is wrong with it."""
    own = run_script(plain, PART)
    try:
        row = run_script(command, PART, MOST * own["cpu_seconds"] + 1)  # and its start
    except RunError as failure:
        return str(failure)
    ratio = row["cpu_seconds"] / own["cpu_seconds"]
    return ratio if ratio <= MOST else f">{MOST}"


def spread(values: list[float]) -> Row:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def measure_workload(options: argparse.Namespace, name: str) -> dict[str, Any]:
    script = SCRIPTS / f"{name}.py"
    commands = {"plain": [options.program, "python", str(script)]}
    commands["check"] = watched(options.program, script)
    others: dict[str, Any] = {}
    for rival, command in rivals(options.rivals, script).items():
        found = try_rival(command, commands["plain"])
        if isinstance(found, float) and found <= MOST_IN_ROUNDS:
            commands[rival] = command
        else:
            others[rival] = found
    rounds: dict[str, list[Row]] = {arm: [] for arm in commands}
    for number in range(options.rounds):
        print(f"\r    {name}: {number + 1} of {options.rounds} ", end="", file=sys.stderr)
        for arm, command in commands.items():
            rounds[arm].append(run_script(command))
    print(file=sys.stderr)
    return {"arms": {arm: summary(rows, rounds["plain"]) for arm, rows in rounds.items()}, **others}


def summary(rows: list[Row], plain: list[Row]) -> dict[str, Row]:
    figures = {}
    for kind in ("wall", "cpu"):
        key = f"{kind}_seconds"
        figures[key] = spread([row[key] for row in rows])
        pairs = zip(rows, plain, strict=True)
        figures[f"{kind}_ratio"] = spread([one[key] / own[key] for one, own in pairs])
    return figures


def cell(result: dict[str, Any], arm: str) -> str:
    if arm not in result["arms"]:
        ratio = result[arm]
        return f"{ratio:.0f}" if isinstance(ratio, float) else str(ratio)
    ratio = result["arms"][arm]["cpu_ratio"]
    return f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def show_slow_down(results: dict[str, dict[str, Any]]) -> None:
    print("\nProcessor time over that of the unwatched script (lowest and highest round):\n")
    print("| workload | unwatched | check | in wall time | pyvft | threadcheck |")
    print("|---|---|---|---|---|---|")
    for name, result in results.items():
        plain = result["arms"]["plain"]["cpu_seconds"]["median"]
        wall = result["arms"]["check"]["wall_ratio"]["median"]
        row = [f"{plain:.2f} s", cell(result, "check"), f"{wall:.2f}"]
        row += [cell(result, "pyvft"), cell(result, "threadcheck")]
        print(f"| {WORKLOADS[name]} | " + " | ".join(row) + " |")


# ---- Memory ----


def measure_memory(options: argparse.Namespace) -> dict[str, Row]:
    """For each kind of thing: bytes kept for a place that was touched by two threads."""
    figures: dict[str, Row] = {}
    script = HERE / "check_memory.py"
    for kind in MEMORY:
        plain = run_script([options.program, "python", str(script), kind])
        row = run_script([*watched(options.program, script), kind])
        kept = (row["grown_bytes"] - plain["grown_bytes"]) / row["places"]
        figures[kind] = {"bytes_per_place": kept, "places": row["places"]}
    return figures


def show_memory(figures: dict[str, Row]) -> None:
    print("\nBytes kept for each attribute or element that two threads touched:\n")
    print("| in | bytes |")
    print("|---|---|")
    for kind, row in figures.items():
        print(f"| {MEMORY[kind]} | {row['bytes_per_place']:.0f} |")


# ---- All of it ----


def timed(what: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    result = work()
    print(f"    {what}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--rivals", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--workload", action="append", choices=WORKLOADS)
    options = parser.parse_args()
    machine = describe_machine(options.rivals / "bin" / "python")
    machine["command"] = "make bench-check"
    names = options.workload or list(WORKLOADS)
    results = {name: measure_workload(options, name) for name in names}
    memory = timed("memory", lambda: measure_memory(options))
    for key, value in machine.items():
        print(f"{key:<10} {value}")
    show_slow_down(results)
    show_memory(memory)
    if options.workload:
        return  # only all of it is worth keeping
    kept = {"machine": machine, "rounds": options.rounds, "slow_down": results, "memory": memory}
    file = HERE / "results" / "check.json"
    file.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\nkept in {file.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
