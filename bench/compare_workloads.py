#!/usr/bin/env python3
"""Runs `atonce compare` on each function of workloads.py, keeps the reports in bench/results and
prints one table of them all.

usage: compare_workloads.py --program PROGRAM --venv FOLDER [--python PATH] [--budget SECONDS]
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORKLOADS = ("nbody", "spectral_norm", "fannkuch", "json_loads", "float_math", "regex_effbot")
KINDS = {
    "threads_gil": "threads, GIL on",
    "threads_nogil": "threads, GIL off",
    "subinterpreters": "subinterpreters",
    "processes": "processes",
    "python_serial": "ordinary, serial",
    "python_processes": "ordinary, processes",
}
Report = dict[str, Any]


def compare(options: argparse.Namespace, workload: str) -> Report:
    command = [options.program, "compare", f"{HERE / 'workloads.py'}::{workload}", "--json"]
    command += ["--budget", str(options.budget), "--venv", options.venv]
    if options.python:
        command += ["--python", options.python]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(command)} failed with exit code {done.returncode}")
    report: Report = json.loads(done.stdout)
    return report


def at_cores(report: Report, kind: str) -> Report | None:
    """The arm with as many workers as cores; of a serial kind its only one."""
    wanted = 1 if kind.endswith("serial") else report["machine"]["cores"]
    arms = [arm for arm in report["arms"] if arm["name"] == kind and arm["workers"] == wanted]
    return arms[0] if arms else None


def cell(report: Report, kind: str) -> str:
    """Times as fast as the serial arm of the Python inside."""
    arm = at_cores(report, kind)
    if arm is None or arm["seconds"] is None or arm["speedup"] is None:
        return "-"
    serial = at_cores(report, "serial")
    assert serial is not None
    if kind.startswith("python_"):  # its own ratio is over its own serial arm
        return f"{serial['seconds']['median'] / arm['seconds']['median']:.2f}"
    speedup = arm["speedup"]
    return f"{speedup['median']:.2f} ({speedup['low']:.2f} to {speedup['high']:.2f})"


def table(reports: dict[str, Report]) -> str:
    kinds = [kind for kind in KINDS if any(at_cores(one, kind) for one in reports.values())]
    lines = [
        "| workload | one call | " + " | ".join(KINDS[kind] for kind in kinds) + " | cause |",
        "|" + "---|" * (len(kinds) + 3),
    ]
    for name, report in reports.items():
        serial = at_cores(report, "serial")
        assert serial is not None
        call = serial["seconds"]["median"] / report["calls"] * 1e3
        causes = ", ".join(f"{one['kind']}: {one['subject']}" for one in report["causes"]) or "-"
        row = " | ".join(cell(report, kind) for kind in kinds)
        lines.append(f"| {name} | {call:.1f} ms | {row} | {causes} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--venv", required=True)
    parser.add_argument("--python")
    parser.add_argument("--budget", type=float, default=40)
    options = parser.parse_args()
    reports: dict[str, Report] = {}
    for workload in WORKLOADS:
        print(f"    {workload}", file=sys.stderr, flush=True)
        reports[workload] = compare(options, workload)
    (HERE / "results" / "workloads.json").write_text(json.dumps(reports, indent=1) + "\n")
    machine = reports[WORKLOADS[0]]["machine"]
    print(f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}\n")
    print(table(reports))


if __name__ == "__main__":
    main()
