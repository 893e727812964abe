#!/usr/bin/env python3
"""Measures `atonce serve` as a client sees it, beside other servers of MCP with the same tools.

Workloads, at revision 2026-07-28, with 50 connections: `add` (what a call costs), `fib` (Python
that computes) and `sleep_ms` (a function that blocks). All servers take turns in each round, each
in a process of its own that answers nothing else. The processor time of a server, over its calls,
is what a busy machine disturbs least; the load (wrk, one thread) takes part of the cores from every
server.

The peers are those of a folder that has been built (`--peers`, or ATONCE_PEERS):
`servers/NAME/start.sh PORT`. nginx gives one constant answer: it is what HTTP alone costs.

What this does not show: TLS, large arguments and results, streams, sessions of the old revisions,
networks.

usage: serve.py --program PROGRAM --python PYTHON [--peers FOLDER] [--peer NAME ...] [--rounds N]
                [--seconds S] [--workload NAME ...]
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run import describe_machine

HERE = Path(__file__).resolve().parent
REVISION = "2026-07-28"
CONNECTIONS = 50
SLEEP_MS = 20
START_LIMIT = 60  # seconds until a server must have answered
ATONCE, ONE_CORE = "atonce", "atonce, one core"
RUST, FLOOR = "rust-rmcp", "nginx"
Row = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    tool: str
    arguments: dict[str, int]
    answer: int


WORKLOADS = {
    "add": Workload("add", {"a": 1, "b": 2}, 3),
    "fib": Workload("fib", {"n": 20}, 6765),
    "sleep_ms": Workload("sleep_ms", {"ms": SLEEP_MS}, SLEEP_MS),
}


@dataclass(frozen=True)
class Arm:
    """A server to measure: {port} in its command is replaced. `cores` are those it may use."""

    name: str
    command: tuple[str, ...]
    workloads: tuple[str, ...]
    cores: frozenset[int] = frozenset()


# ---- One request ----


def request_of(workload: Workload) -> tuple[str, dict[str, str]]:
    """The body and the header fields of a call."""
    prefix = "io.modelcontextprotocol/"
    meta = {
        prefix + "protocolVersion": REVISION,
        prefix + "clientInfo": {"name": "bench", "version": "1"},
        prefix + "clientCapabilities": {},
    }
    params = {"name": workload.tool, "arguments": workload.arguments, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}
    fields = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": REVISION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": workload.tool,
    }
    return json.dumps(body, separators=(",", ":")), fields


def ask(port: int, workload: Workload) -> None:
    """Calls once. Raises OSError where nobody listens; a wrong answer ends the benchmark."""
    body, fields = request_of(workload)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_LIMIT)
    try:
        connection.request("POST", "/mcp", body, fields)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    if response.status != 200 or answer_in(text) != workload.answer:
        raise SystemExit(f"error: `{workload.tool}` was answered {response.status}: {text[:400]}")


def answer_in(text: str) -> int | None:
    """The number in a result, whether it came as JSON or as one event."""
    if not text.startswith("{"):
        text = [line[5:] for line in text.splitlines() if line.startswith("data:")][-1]
    result = json.loads(text).get("result", {})
    structured = result.get("structuredContent", {}).get("result")
    return structured if structured is not None else int(result["content"][0]["text"])


# ---- A server ----


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(arm: Arm) -> Iterator[tuple[int, int, float]]:
    """A started server: its process, its port, and the seconds until its first answer."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        child = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in arm.command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, arm.cores)) if arm.cores else None,
        )
        try:
            wait_for_answer(child, port, said, arm.name)
            yield child.pid, port, time.perf_counter() - started
        finally:
            stop(child)


def wait_for_answer(child: "subprocess.Popen[bytes]", port: int, said: Any, name: str) -> None:
    give_up = time.monotonic() + START_LIMIT
    while True:
        with contextlib.suppress(OSError):
            return ask(port, WORKLOADS["add"])
        if child.poll() is not None or time.monotonic() > give_up:
            said.seek(0)
            raise SystemExit(f"error: {name} does not answer; it said:\n{said.read()[-2000:]}")
        time.sleep(0.002)


def stop(child: "subprocess.Popen[bytes]") -> None:
    """Ends it and what it has started, which is in a session of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)


def family_of(process: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    family = [process]
    for member in family:
        family += children.get(member, [])
    return family


def cpu_seconds(processes: list[int]) -> float:
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(processes: list[int], kind: str) -> float:
    """Of all of them together: "VmRSS" is what they have now, "VmHWM" the most they have had."""
    kilobytes = 0
    for process in processes:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(kind + ":"):
                kilobytes += int(line.split()[1])
    return kilobytes * 1024 / 1e6


# ---- Rounds ----


def load(port: int, workload: Workload, seconds: float) -> Row:
    body, fields = request_of(workload)
    lines = "\n".join(f"{name}: {value}" for name, value in fields.items())
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["-s", str(HERE / "serve_load.lua"), f"http://127.0.0.1:{port}/mcp"]
    environment = {**os.environ, "BODY": body, "FIELDS": lines}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    results = [line[7:] for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not results:
        raise SystemExit(f"error: wrk failed:\n{done.stdout}{done.stderr}")
    result: Row = json.loads(results[0])
    return result


def measure(process: int, port: int, workload: Workload, seconds: float) -> Row:
    ask(port, workload)
    load(port, workload, seconds / 4)
    family = family_of(process)
    before = cpu_seconds(family)
    counted = load(port, workload, seconds)
    cpu = cpu_seconds(family) - before
    ask(port, workload)  # it must still be well
    if counted["bad_status"] or counted["failed"]:
        print(f"    {counted['bad_status']} refused, {counted['failed']} failed", file=sys.stderr)
    return {
        "cpu_ms": cpu * 1e3 / counted["requests"],
        "per_second": counted["requests"] / counted["elapsed_us"] * 1e6,
        "p50_ms": counted["p50_us"] / 1e3,
        "p99_ms": counted["p99_us"] / 1e3,
        "bad": counted["bad_status"] + counted["failed"],
        "memory_mb": memory_mb(family, "VmRSS"),
    }


def measure_arm(arm: Arm, seconds: float) -> Row:
    """One round of a server: its figures by workload, and those of the server itself."""
    with running(arm) as (process, port, start):
        figures: Row = {
            name: measure(process, port, WORKLOADS[name], seconds) for name in arm.workloads
        }
        figures["server"] = {"start_s": start, "peak_mb": memory_mb(family_of(process), "VmHWM")}
    return figures


def arms_of(options: argparse.Namespace) -> list[Arm]:
    program = str(options.program.resolve())
    own = (program, "serve", str(HERE / "serve_tools.py"), "--port", "{port}")
    everything = tuple(options.workload or WORKLOADS)
    arms = [Arm(ATONCE, own, everything)]
    if "fib" in everything:
        arms.append(Arm(ONE_CORE, own, ("fib",), frozenset([min(os.sched_getaffinity(0))])))
    for name in options.peer or (RUST, FLOOR) if options.peers else ():
        command = (str(options.peers.resolve() / "servers" / name / "start.sh"), "{port}")
        arms.append(Arm(name, command, ("add",) if name == FLOOR else everything))
    return arms


def interleave(options: argparse.Namespace, arms: list[Arm]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {arm.name: [] for arm in arms}
    for number in range(options.rounds):
        for arm in arms:
            print(
                f"\r\033[Kround {number + 1} of {options.rounds}: {arm.name}",
                end="",
                file=sys.stderr,
            )
            rows[arm.name].append(measure_arm(arm, options.seconds))
    print("\r\033[K", end="", file=sys.stderr)
    return rows


# ---- The tables ----


def spread(values: list[float]) -> Row:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def summary(rows: dict[str, list[Row]]) -> dict[str, Row]:
    """Of each server, by workload and figure: the rounds' median, lowest and highest."""
    return {
        arm: {
            part: {
                figure: spread([one[part][figure] for one in rounds]) for figure in rounds[0][part]
            }
            for part in rounds[0]
        }
        for arm, rounds in rows.items()
    }


def show(figures: dict[str, Row]) -> None:
    for name, workload in WORKLOADS.items():
        arms = {arm: parts[name] for arm, parts in figures.items() if name in parts}
        if not arms:
            continue
        print(f"\n{name}{tuple(workload.arguments.values())}, {CONNECTIONS} connections:\n")
        print("| server | CPU ms a call | calls/s | p50, p99 ms | MB after it | refused, failed |")
        print("|---|---|---|---|---|---|")
        for arm, row in arms.items():
            cpu, rate = row["cpu_ms"], row["per_second"]
            print(
                f"| {arm} | {cpu['median']:.4f} ({cpu['low']:.4f} to {cpu['high']:.4f}) "
                f"| {rate['median']:,.0f} ({rate['low']:,.0f} to {rate['high']:,.0f}) "
                f"| {row['p50_ms']['median']:.2f}, {row['p99_ms']['median']:.2f} "
                f"| {row['memory_mb']['high']:.1f} | {row['bad']['high']:.0f} |"
            )
    print("\n| server | from start to first answer, s | peak memory, MB |\n|---|---|---|")
    for arm, parts in figures.items():
        server = parts["server"]
        print(f"| {arm} | {server['start_s']['median']:.3f} | {server['peak_mb']['high']:.1f} |")


def ratios_of(rows: dict[str, list[Row]]) -> dict[str, Row]:
    """What is compared, each from the rounds in which both were measured."""

    def ratio(one: str, other: str, part: str, figure: str) -> Row | None:
        if part not in rows.get(one, [{}])[0] or part not in rows.get(other, [{}])[0]:
            return None
        pairs = zip(rows[one], rows[other], strict=True)
        return spread([mine[part][figure] / its[part][figure] for mine, its in pairs])

    wanted = {
        "CPU of an `add`, over rmcp's": ratio(ATONCE, RUST, "add", "cpu_ms"),
        "`add` a second, over rmcp's": ratio(ATONCE, RUST, "add", "per_second"),
        "CPU of an `add`, over nginx's constant answer": ratio(ATONCE, FLOOR, "add", "cpu_ms"),
        "`add` a second, over nginx's constant answer": ratio(ATONCE, FLOOR, "add", "per_second"),
        "`fib(20)` a second, over its own one core": ratio(ATONCE, ONE_CORE, "fib", "per_second"),
    }
    if "sleep_ms" in rows[ATONCE][0]:
        most = CONNECTIONS * 1000 / SLEEP_MS
        wanted["`sleep_ms(20)`, over what 50 clients can ask for"] = spread(
            [one["sleep_ms"]["per_second"] / most for one in rows[ATONCE]]
        )
    return {name: found for name, found in wanted.items() if found is not None}


def show_ratios(ratios: dict[str, Row]) -> None:
    print("\n| ratio | median | lowest and highest round |\n|---|---|---|")
    for name, one in ratios.items():
        print(f"| {name} | {one['median']:.3f} | {one['low']:.3f} to {one['high']:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True, help="the Python inside")
    parser.add_argument("--peers", type=Path, help="a built folder of other servers")
    parser.add_argument("--peer", action="append", help=f"default: {RUST} and {FLOOR}")
    parser.add_argument("--workload", action="append", choices=list(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--no-file", action="store_true", help="keep no result")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("error: wrk is not installed\n\nhint: tools/packages.sh bench")
    machine = {**describe_machine(options.python), "command": "make bench-serve"}
    for key, value in machine.items():
        print(f"{key:<10} {value}")
    rows = interleave(options, arms_of(options))
    figures, ratios = summary(rows), ratios_of(rows)
    show(figures)
    show_ratios(ratios)
    if options.no_file:
        return
    result = {
        "machine": machine,
        "revision": REVISION,
        "connections": CONNECTIONS,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "servers": figures,
        "ratios": ratios,
    }
    file = HERE / "results" / "serve.json"
    file.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nkept in {file.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
