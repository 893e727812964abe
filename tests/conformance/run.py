#!/usr/bin/env python3
"""Runs every leg of the conformance suite, and mcpcheck, and prints a table: passed, failed.

Each leg has a server of its own, so that none is judged by what another left behind. A leg fails
when something that is scored fails, and also when fewer things were scored than should be: a server
that offers less must not look better.

usage: run.py --program PROGRAM --suite FOLDER --checker FOLDER [--url URL] [--leg NAME ...]
Exit code: 0 when every leg has passed, 1 when one has not, 2 when one could not run.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
LISTENING = re.compile(r"listening on (http://\S+?)/?$")
# A line of the suite's summary, and of its list of what is not scored.
SCENARIO = re.compile(r"^([✓✗]) ([\w-]+): \d+ passed, \d+ failed")
NOT_SCORED = re.compile(r"^  [✓✗] ([\w-]+) \(")
LIMIT = 300  # seconds for a leg


@dataclass(frozen=True)
class Leg:
    name: str
    tools: str  # the file that is served
    scored: int
    options: tuple[str, ...] = ()  # of the suite; none: it is mcpcheck's


LEGS = (
    Leg("2026-07-28", "everything.py", 37, ("--requirements", "2026-07-28")),
    Leg("2025-11-25", "everything.py", 30, ("--requirements", "2025-11-25")),
    Leg("2025-06-18", "everything.py", 27, ("--spec-version", "2025-06-18", "--suite", "all")),
    Leg("2025-03-26", "everything.py", 1, ("--spec-version", "2025-03-26", "--suite", "all")),
    Leg("mcpcheck", "typed.py", 8),
)


class CouldNotRunError(Exception):
    """Why a leg has no result."""


@dataclass
class Result:
    """What became of a leg; of each failure its name and the reasons given for it."""

    passed: list[str] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    not_scored: dict[str, bool] = field(default_factory=dict)  # whether it passed

    def is_good(self, leg: Leg) -> bool:
        return not self.failed and len(self.passed) >= leg.scored


# ---- The server ----


@contextlib.contextmanager
def serving(program: str, tools: str) -> Iterator[str]:
    """Its address, while the server runs. Raises CouldNotRunError."""
    child = subprocess.Popen(
        [program, "serve", str(HERE / tools), "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    try:
        url = wait_for_address(child)
        # What it says later is read too, since a full pipe would stop it.
        threading.Thread(target=child.stderr.read, daemon=True).start()
        yield url + "/mcp"
    finally:
        child.terminate()
        child.wait(30)


def wait_for_address(child: "subprocess.Popen[str]") -> str:
    assert child.stderr is not None
    said = ""
    for line in child.stderr:
        said += line
        if found := LISTENING.search(line.strip()):
            return found[1]
    raise CouldNotRunError(f"`atonce serve` ended with exit code {child.wait()}:\n{said}")


def suite_address(url: str) -> str:
    """The suite's check against rebound names wants a name of this machine, not its number."""
    return url.replace("127.0.0.1", "localhost")


# ---- The suite ----


def run_suite(folder: Path, leg: Leg, url: str) -> Result:
    """What the suite says of the server at `url`. Raises CouldNotRunError."""
    modules = folder / "node_modules"
    program = modules / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    with tempfile.TemporaryDirectory() as kept:
        command = [str(modules / ".bin" / "node"), str(program), "server", "--url"]
        command += [suite_address(url), "-o", kept, *leg.options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        result = read_summary(done.stdout)
        if not result.passed and not result.failed:
            raise CouldNotRunError(f"the suite scored nothing:\n{done.stdout}\n{done.stderr}")
        for name in result.failed:
            result.failed[name] = reasons(Path(kept), name)
    return result


def read_summary(text: str) -> Result:
    summary = text.rpartition("=== SUMMARY ===")[2].splitlines()
    not_scored = {found[1] for line in summary if (found := NOT_SCORED.match(line))}
    result = Result()
    for line in summary:
        if not (found := SCENARIO.match(line)):
            continue
        has_passed, name = found[1] == "✓", found[2]
        if name in not_scored:
            result.not_scored[name] = has_passed
        elif has_passed:
            result.passed.append(name)
        else:
            result.failed[name] = []
    return result


def reasons(kept: Path, scenario: str) -> list[str]:
    """The checks of the scenario that failed, from the files that the suite keeps."""
    found = []
    for file in kept.glob(f"server-{scenario}-[0-9]*/checks.json"):
        for check in json.loads(file.read_text(encoding="utf-8")):
            if check["status"] == "FAILURE":
                found.append(f"{check['id']}: {check.get('errorMessage', 'no reason given')}")
                violations = check.get("details", {}).get("violations", [])
                found += [json.dumps(one)[:400] for one in violations]
    return found


# ---- mcpcheck ----


def run_checker(environment: Path, url: str) -> Result:
    """What mcpcheck says of the server at `url`. Raises CouldNotRunError."""
    command = [str(environment / "bin" / "mcpcheck"), url, "--probe", "all", "--legacy-probes"]
    command += ["--strict", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    if done.returncode not in (0, 1):
        raise CouldNotRunError(f"mcpcheck could not run:\n{done.stdout}\n{done.stderr}")
    result = Result()
    for check in json.loads(done.stdout)["checks"]:
        if check["status"] == "pass":
            result.passed.append(check["name"])
            continue
        found = [*check["failures"], *check["warnings"]]
        messages = [f"{one['subject']}: {one['message']}" for one in found]
        result.failed[check["name"]] = [f"({check['status']}) {check['summary']}", *messages]
    return result


# ---- The table ----


def run_leg(options: argparse.Namespace, leg: Leg) -> Result:
    if options.url:
        return ask(options, leg, options.url)
    with serving(options.program, leg.tools) as url:
        return ask(options, leg, url)


def ask(options: argparse.Namespace, leg: Leg, url: str) -> Result:
    if leg.options:
        return run_suite(options.suite, leg, url)
    return run_checker(options.checker, url)


def row(leg: Leg, result: Result) -> str:
    verdict = "passed" if result.is_good(leg) else "FAILED"
    line = f"{leg.name:<12}{verdict:<8}{len(result.passed):>3} of {leg.scored}"
    if result.not_scored:
        others = sum(result.not_scored.values())
        line += f"; not scored: {others} of {len(result.not_scored)}"
        names = [name for name, has_passed in result.not_scored.items() if not has_passed]
        line += f" (failing: {', '.join(names)})" if names else ""
    return line


def explain(leg: Leg, result: Result) -> None:
    for name, why in result.failed.items():
        print(f"    failed: {name}")
        for reason in why:
            print(f"        {reason}")
    missing = leg.scored - len(result.passed) - len(result.failed)
    if missing > 0:
        print(f"    {missing} were not run at all")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--checker", type=Path, required=True)
    parser.add_argument("--url", help="judge the server there instead of one started here")
    names = [leg.name for leg in LEGS]
    parser.add_argument("--leg", action="append", choices=names, help="only this one")
    options = parser.parse_args()
    os.environ["NO_COLOR"] = "1"
    code = 0
    for leg in LEGS:
        if options.leg and leg.name not in options.leg:
            continue
        try:
            result = run_leg(options, leg)
        except (CouldNotRunError, subprocess.TimeoutExpired) as why:
            print(f"{leg.name:<12}could not run\n    {why}", flush=True)
            code = 2
            continue
        print(row(leg, result), flush=True)
        if not result.is_good(leg):
            explain(leg, result)
            code = max(code, 1)
    return code


if __name__ == "__main__":
    sys.exit(main())
