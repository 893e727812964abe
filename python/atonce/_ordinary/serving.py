"""Answers the orders that come over the socket."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from time import monotonic_ns
from typing import Any

from atonce import ToolsError
from atonce._host.collector_watch import take_pauses, watch_collector
from atonce._host.gil import keep_watching_gil
from atonce._ordinary import frames
from atonce._ordinary.arguments import Arguments
from atonce._ordinary.life import end_with_socket, flush_printed, watch_forks
from atonce._ordinary.loading import Tool, Wanted, load
from atonce._ordinary.rounds import Crew, SerialCrew, ThreadCrew, describe

SOCKET = 3
_VERSION = "1"


def serve(wanted: Wanted, mode: str, workers: int) -> int:
    """Until the other side is closed; the exit code."""
    os.set_inheritable(SOCKET, False)
    watch_forks()
    crews: list[Crew] = []

    def end_all() -> None:
        for crew in crews:
            crew.end()

    end_with_socket(SOCKET, end_all)
    gil_enablers = keep_watching_gil()
    watch_collector()
    try:
        tool = load(wanted)
        crew = _make_crew(mode, workers, wanted, tool)
    except ToolsError as error:
        frames.write_frame(SOCKET, frames.FAILED, error.message, error.hint)
        return 1
    crews.append(crew)
    facts = {
        "python": _python(),
        **_gil(gil_enablers),
        "startup_ns": crew.startup_ns,
        "dispatch_ns": crew.dispatch_ns,
    }
    frames.write_frame(SOCKET, frames.READY, _VERSION, json.dumps(facts))
    try:
        _answer_orders(crew, tool, gil_enablers)
    finally:  # at its exit multiprocessing waits for the children, and they for orders
        crew.end()
    return 0


def _answer_orders(crew: Crew, tool: Tool, gil_enablers: list[str]) -> None:
    while (frame := frames.read_frame(SOCKET)) is not None:
        order = json.loads(frame.fields[0])
        if "copy" in order:
            answer: dict[str, Any] = {"copy": crew.copy(order["copy"])}
        else:
            answer = {**_run(crew, tool, order), **_gil(gil_enablers)}
        frames.write_frame(SOCKET, frames.MEASURED, json.dumps(answer))


def _make_crew(mode: str, workers: int, wanted: Wanted, tool: Tool) -> Crew:
    if mode == "serial":
        return SerialCrew(tool.call)
    if mode == "threads":
        return ThreadCrew(tool.call, workers)
    from atonce._ordinary.processes import ProcessCrew  # multiprocessing is much to import

    return ProcessCrew(wanted, workers)


def _run(crew: Crew, tool: Tool, order: dict[str, Any]) -> dict[str, Any]:
    calls = order["calls"]
    started = monotonic_ns()
    try:
        arguments = Arguments(order, tool.module)
    except Exception as error:  # a class of a package that this Python does not have
        return _nothing_ran(calls, monotonic_ns() - started, describe(error))
    take_pauses()
    crew.take_pauses()
    report = crew.run(calls, arguments).report()
    own, others = take_pauses(), crew.take_pauses()
    flush_printed()
    report["collections"] = own[0] + others[0]
    report["collector_ns"] = own[1] + others[1]
    report["locks"] = []
    return report


def _nothing_ran(calls: int, elapsed_ns: int, failure: str) -> dict[str, Any]:
    return {
        "elapsed_ns": elapsed_ns,
        "spans": [],
        "busy_ns": 0,
        "failed": calls,
        "failure": f"the arguments cannot be unpickled in this Python: {failure}",
        "copied_bytes": 0,
        "collections": 0,
        "collector_ns": 0,
        "locks": [],
    }


def _python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    is_free = sysconfig.get_config_var("Py_GIL_DISABLED") == 1
    return f"{version} free-threaded" if is_free else version


def _gil(enablers: list[str]) -> dict[str, Any]:
    ask = getattr(sys, "_is_gil_enabled", None)
    return {"is_gil_on": ask is None or bool(ask()), "gil_enablers": enablers}
