"""One run of `atonce check` on tools: a few threads, each of which makes calls of one tool.

It is called once in a process of its own, in which the tools' modules are as they were right after
they were imported. What a call does to that process - ends it, hangs, crashes - is for the parent
to see; the journal says which call it was.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from _thread import allocate_lock
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from atonce._host.check import sync_hooks
from atonce._host.check.journal import Journal
from atonce._host.check.meeting import Meeting, count_meetings
from atonce._host.check.one_call import describe, prepare

if TYPE_CHECKING:
    from atonce._host.toolset import Tool

_MOST_ROUNDS = 400  # in which calls did not meet
_MOST_CALLS_TOLD = 1000
_PATIENCE = 0.02  # seconds for the others to come to where calls start together
_HEAD_STARTS = (0.0, 0.0, 5e-6, 20e-6, 100e-6)  # seconds
_LONG = 0.1  # seconds of a call
_LONGEST_FILLING = 0.3  # seconds, and the call that is on its way then
_SHORT_TURNS = 1e-5  # seconds that a thread keeps the GIL, where there is one


class _Row(NamedTuple):
    """How often each call is made in a row."""

    first_round: int
    first_share: float  # of the time for it: whichever comes first
    times: int
    longest: float  # seconds


# On a busy machine two threads have cores at the same time only now and then.
_ROWS = (
    _Row(1, 0.0, 1, 0.0),
    _Row(5, 0.05, 50, 0.005),
    _Row(13, 0.15, 1000, 0.02),
    _Row(40, 0.4, 3000, 0.1),
)


def run(tools: list[Tool], order_json: str) -> str:
    """Makes the calls and gives what came of them, as JSON.

    `order_json`: {"calls": [[tool's number, [arguments as JSON text, ...]], one for each thread],
    "seed", "perturb", "delay_sites": [[file, line], ...], "limit_seconds", "before": calls in the
    same form or absent, "journal": path or absent}. Those of "before" are made first, one after the
    other, whatever they raise. Then the calls are made, again and again, until some of different
    threads overlapped in time or the limit is over. The answer: {"calls": [{"name", "thread",
    "started", "ended", "error"}, ...] with seconds since the start, "slow": [names], "overlapped",
    "rounds", "findings", "imported", "gil", "threads_left", "extensions", "gil_enablers"}, or
    {"error"} when the order cannot be followed.
    """
    import _atonce_race as native

    from atonce._host.check.session import extension_modules
    from atonce._host.gil import keep_watching_gil

    try:
        order = json.loads(order_json)
        threads = _threads(tools, order["calls"])
        fillers = _threads(tools, order.get("before", ()))
        journal = Journal(order.get("journal"))
    except (ValueError, TypeError, KeyError, IndexError, OSError) as error:
        return json.dumps({"error": f"the order of a run cannot be followed: {describe(error)}"})
    gil_enablers = keep_watching_gil()
    before = _Before()
    _fill(fillers, journal)
    answer = _Run(native, threads, journal, order).make()
    return json.dumps(
        answer
        | before.changes()
        | {"extensions": extension_modules(), "gil_enablers": gil_enablers}
    )


def _threads(tools: list[Tool], calls: Iterable[Any]) -> list[_Thread]:
    return [_Thread(at, tools[tool], texts) for at, (tool, texts) in enumerate(calls)]


def _fill(fillers: list[_Thread], journal: Journal) -> None:
    """Makes their calls here and now; what there is no time for is left out."""
    process, end = os.getpid(), time.perf_counter() + _LONGEST_FILLING
    for one in fillers:
        for arguments in one.arguments:
            if time.perf_counter() > end:
                return
            journal.start(one.number, one.tool.name, arguments)
            with suppress(BaseException):  # wrong arguments, and SystemExit too
                prepare(one.tool, arguments)()
            _end_if_copy_of(process)
            journal.end(one.number)


def _end_if_copy_of(process: int) -> None:
    """A call made a copy of that process, and both came back from it."""
    if os.getpid() != process:
        os._exit(0)


class _Before:
    """What there was before the calls."""

    def __init__(self) -> None:
        self._modules = set(sys.modules)
        self._threads = set(threading.enumerate())

    def changes(self) -> dict[str, Any]:
        left = set(threading.enumerate()) - self._threads
        is_gil_on = getattr(sys, "_is_gil_enabled", lambda: True)()
        return {
            "imported": sorted(set(sys.modules) - self._modules),
            "threads_left": len(left),
            "gil": bool(is_gil_on),
        }


@dataclass
class _Thread:
    number: int
    tool: Tool
    arguments: list[str]
    made: list[tuple[float, float, str | None]] = field(default_factory=list)  # begin, end, error
    seen: int = 0  # of those, when the round began
    may_go: Any = field(default_factory=allocate_lock)
    is_done: Any = field(default_factory=allocate_lock)

    @property
    def name(self) -> str:
        return f"call-{self.number + 1} {self.tool.name}"

    def times_of_round(self) -> list[tuple[float, float]]:
        """Of the calls that were made: those with wrong arguments took no time."""
        return [(begin, end) for begin, end, _ in self.made[self.seen :] if begin < end]

    def is_slow(self) -> bool:
        return any(end - begin > _LONG for begin, end, _ in self.made)

    def tell(self, beginning: float) -> Iterator[dict[str, Any]]:
        for begin, end, error in self.made:
            yield {
                "name": self.tool.name,
                "thread": self.number,
                "started": round(begin - beginning, 7),
                "ended": round(end - beginning, 7),
                "error": error,
            }


class _Run:
    def __init__(
        self, native: Any, threads: list[_Thread], journal: Journal, order: dict[str, Any]
    ) -> None:
        self._native = native
        self._threads = threads
        self._journal = journal
        self._order = order
        self._is_over = False
        self._round = 0
        self._row = _ROWS[0]
        self._meeting = Meeting(len(threads), _PATIENCE)
        self._process = os.getpid()
        self._begin = 0.0

    def make(self) -> dict[str, Any]:
        native, order = self._native, self._order
        sync_hooks.install(native)
        if any(one.tool.kind not in ("function", "generator") for one in self._threads):
            import asyncio  # noqa: F401  # not by the first call, beside the others
        if getattr(sys, "_is_gil_enabled", lambda: True)():
            sys.setswitchinterval(_SHORT_TURNS)
        options = {name: order[name] for name in ("seed", "perturb", "delay_sites")}
        native.start({**options, "sink_fd": self._journal.fd})
        self._begin = time.perf_counter()
        try:
            overlapped = self._make_rounds(float(order["limit_seconds"]))
        finally:
            native.stop()
        return {
            "calls": self._told(),
            "slow": sorted({one.tool.name for one in self._threads if one.is_slow()}),
            "overlapped": overlapped,
            "rounds": self._round,
            "findings": json.loads(native.take_findings()),
        }

    def _told(self) -> list[dict[str, Any]]:
        """Not all of thousands, but first those that went wrong."""
        calls = [call for one in self._threads for call in one.tell(self._begin)]
        if len(calls) > _MOST_CALLS_TOLD:
            calls.sort(key=lambda call: (call["error"] is None, call["started"]))
        return calls[:_MOST_CALLS_TOLD]

    def _make_rounds(self, limit: float) -> int:
        runners = []
        for one in self._threads:
            for lock in (one.may_go, one.is_done):
                self._native.ignore(lock)
                lock.acquire()
            runner = threading.Thread(target=self._work, args=(one,), name=one.name, daemon=True)
            runners.append(runner)
        for runner in runners:
            runner.start()
        overlapped = 0
        while self._round < _MOST_ROUNDS and not overlapped:
            share = (time.perf_counter() - self._begin) / limit if limit > 0 else 0.0
            self._make_round(share)
            times = [one.times_of_round() for one in self._threads]
            overlapped = count_meetings(times)
            if sum(map(bool, times)) < 2 or time.perf_counter() - self._begin > limit:
                break  # they cannot meet, or not soon enough
        self._is_over = True
        for one in self._threads:
            one.may_go.release()
        for runner in runners:
            runner.join()
        return overlapped

    def _make_round(self, share: float) -> None:
        self._round += 1
        self._row = [
            row for row in _ROWS if row.first_round <= self._round or row.first_share < share
        ][-1]
        self._meeting = Meeting(len(self._threads), _PATIENCE)
        for one in self._threads:
            one.may_go.release()
        for one in self._threads:
            one.is_done.acquire()

    def _work(self, one: _Thread) -> None:
        chance = random.Random(f"{self._order['seed']} {one.number}")
        while True:
            one.may_go.acquire()
            if self._is_over:
                return
            one.seen = len(one.made)
            try:
                for place, arguments in enumerate(one.arguments, 1):
                    self._make_row(one, arguments, place, chance)
            finally:
                self._meeting.leave(one.number)
                one.is_done.release()

    def _make_row(self, one: _Thread, arguments: str, place: int, chance: random.Random) -> None:
        """The call, alone or several times in a row: more of them are on their way then."""
        row = self._row
        self._journal.start(one.number, one.tool.name, arguments)
        self._native.set_thread_label(one.tool.name)
        try:
            calls = [prepare(one.tool, arguments) for _ in range(row.times)]
            self._meeting.come_to(place, one.number)
            self._let_others_begin(one, place, chance)
            end = time.perf_counter() + row.longest
            for call in calls:
                if self._make_call(one, call) > end:
                    break
        except BaseException as error:  # wrong arguments, or the user's own code that looks at them
            now = time.perf_counter()
            one.made.append((now, now, describe(error)))
        finally:
            self._native.set_thread_label(None)
            self._journal.end(one.number)

    def _make_call(self, one: _Thread, call: Callable[[], Any]) -> float:
        """When it ended."""
        error: str | None = None
        begin = time.perf_counter()
        try:
            call()
        except BaseException as raised:  # SystemExit too: it ends the call alone
            error = describe(raised)
        end = time.perf_counter()
        _end_if_copy_of(self._process)
        one.made.append((begin, end, error))
        return end

    def _let_others_begin(self, one: _Thread, place: int, chance: random.Random) -> None:
        """Each thread is the first in its turn, but not always by as much."""
        head_start = chance.choice(_HEAD_STARTS)
        if (self._round + place) % len(self._threads) != one.number:
            until = time.perf_counter() + head_start
            while time.perf_counter() < until:
                pass
