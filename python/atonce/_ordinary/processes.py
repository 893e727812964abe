"""Rounds by child processes: "spawn", kept, one call at a time each, everything pickled.

What multiprocessing's own pools do, with the figures that they do not give.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import selectors
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from statistics import median_low
from time import monotonic_ns
from typing import Any

from atonce import ToolsError
from atonce._host.collector_watch import take_pauses, watch_collector
from atonce._ordinary.arguments import Arguments
from atonce._ordinary.life import end_fork, end_with_parent, flush_printed, watch_forks
from atonce._ordinary.loading import Wanted, load
from atonce._ordinary.rounds import Round, Tally, describe

_EMPTY_CALLS = 200
_ECHOES = 15

# The other messages to a child; pickles of arguments begin with b"\x80".
_NOTHING, _PAUSES, _ECHO = b"n", b"p", b"e"
# A child's answer: when the call started and ended, and whether it failed; then its result.
_HEAD = struct.Struct("<QQ?")
_IS_READY = b"ready"

_SPAWN = multiprocessing.get_context("spawn")


class ProcessCrew:
    """Children that have imported the tools. One thread may use it, but for end()."""

    def __init__(self, wanted: Wanted, workers: int) -> None:
        """Raises ToolsError when a child cannot import them."""
        self._wanted = wanted
        self._children: list[_Child] = []
        started = monotonic_ns()
        try:
            for _ in range(workers):
                self._children.append(_Child(wanted))
            for child in self._children:
                child.wait_until_ready()
        except ToolsError:
            self.end()
            raise
        self.startup_ns = monotonic_ns() - started
        empty = self._run(_EMPTY_CALLS, lambda _: _NOTHING)
        self.dispatch_ns = (empty.ended - empty.started) // _EMPTY_CALLS

    def run(self, calls: int, arguments: Arguments) -> Round:
        return self._run(calls, arguments.pickled)

    def take_pauses(self) -> tuple[int, int]:
        told = [child.ask_pauses() for child in self._children]
        return sum(one[0] for one in told), sum(one[1] for one in told)

    def copy(self, sizes: list[int]) -> list[tuple[int, int]]:
        """There and back, pickled: the median of several."""
        first = self._children[0]
        return [
            (size, median_low(first.echo(b"x" * size) for _ in range(_ECHOES))) for size in sizes
        ]

    def end(self) -> None:
        """Kills them; from any thread."""
        for child in list(self._children):
            child.kill()

    def _run(self, calls: int, message_of: Callable[[int], bytes]) -> Round:
        one = Round(calls, len(self._children))
        with selectors.DefaultSelector() as selector:
            for lane, child in enumerate(self._children):
                selector.register(child.pipe, selectors.EVENT_READ, lane)
            numbers = iter(range(calls))
            running: dict[int, int] = {}
            for lane in range(len(self._children)):
                self._hand_next(lane, numbers, running, message_of, one)
            while running:
                for key, _ in selector.select():
                    lane = key.data
                    number = running.pop(lane, -1)
                    if not self._take(lane, number, one):
                        self._replace(lane, selector)
                    self._hand_next(lane, numbers, running, message_of, one)
        one.ended = monotonic_ns()
        return one

    def _hand_next(
        self,
        lane: int,
        numbers: Any,
        running: dict[int, int],
        message_of: Callable[[int], bytes],
        one: Round,
    ) -> None:
        number = next(numbers, None)
        if number is None:
            return
        message = message_of(number)
        one.copied_bytes += len(message)
        running[lane] = number
        with suppress(OSError):  # it has ended: its pipe says so next
            self._children[lane].pipe.send_bytes(message)

    def _take(self, lane: int, number: int, one: Round) -> bool:
        """Writes down what a child answers; False when it has ended instead."""
        tally, child = one.tallies[lane], self._children[lane]
        try:
            answer = child.pipe.recv_bytes()
        except (EOFError, OSError):
            if number >= 0:
                tally.fail(number, f"its process ended with {child.exit_code()}")
            return False
        one.copied_bytes += len(answer)
        _note(answer, number, tally)
        return True

    def _replace(self, lane: int, selector: selectors.BaseSelector) -> None:
        selector.unregister(self._children[lane].pipe)
        self._children[lane].kill()
        self._children[lane] = _Child(self._wanted)
        self._children[lane].wait_until_ready()
        selector.register(self._children[lane].pipe, selectors.EVENT_READ, lane)


class _Child:
    def __init__(self, wanted: Wanted) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        # No daemon, which multiprocessing would forbid to have children of its own.
        self._process = _SPAWN.Process(target=_serve, args=(theirs, wanted, os.getpid()))
        # The child looks for this package where this process does.
        sys.path.insert(0, wanted.package)
        try:
            self._process.start()
        finally:
            sys.path.pop(0)
        theirs.close()

    def wait_until_ready(self) -> None:
        try:
            answer = self.pipe.recv_bytes()
        except (EOFError, OSError):
            raise ToolsError(
                f"a process that was to import the tools ended with {self.exit_code()}"
            ) from None
        if answer != _IS_READY:
            message, hint = pickle.loads(answer)
            raise ToolsError(message, hint)

    def ask_pauses(self) -> tuple[int, int]:
        try:
            self.pipe.send_bytes(_PAUSES)
            told: tuple[int, int] = pickle.loads(self.pipe.recv_bytes())
        except (EOFError, OSError):
            return 0, 0
        return told

    def echo(self, data: bytes) -> int:
        started = monotonic_ns()
        self.pipe.send_bytes(_ECHO + pickle.dumps(data, pickle.HIGHEST_PROTOCOL))
        pickle.loads(self.pipe.recv_bytes())
        return monotonic_ns() - started

    def exit_code(self) -> str:
        self._process.join(5)
        code = self._process.exitcode
        if code is None:
            return "its pipe closed"
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def kill(self) -> None:
        with suppress(OSError, ValueError):
            self._process.kill()


def _note(answer: bytes, number: int, tally: Tally) -> None:
    started, ended, is_failed = _HEAD.unpack_from(answer)
    rest = answer[_HEAD.size :]
    tally.add(number, started, ended)
    if is_failed:
        tally.fail(number, rest.decode())
        return
    try:
        pickle.loads(rest)  # a caller would want it
    except BaseException as error:  # its class may be one that only the child has
        tally.fail(number, f"its result cannot be unpickled: {describe(error)}")


def _serve(pipe: Connection, wanted: Wanted, parent: int) -> None:
    """The child's side, until the pipe is closed."""
    end_with_parent(parent)
    watch_forks()
    watch_collector()
    try:
        call = load(wanted).call
    except ToolsError as error:
        pipe.send_bytes(pickle.dumps((error.message, error.hint)))
        return
    take_pauses()
    pipe.send_bytes(_IS_READY)
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_answer(call, pipe.recv_bytes()))


def _answer(call: Callable[[dict[str, Any]], Any], message: bytes) -> bytes:
    if message == _NOTHING:
        return _HEAD.pack(0, 0, False) + pickle.dumps(None)
    if message == _PAUSES:  # before and after each round
        flush_printed()
        return pickle.dumps(take_pauses())
    if message.startswith(_ECHO):
        return pickle.dumps(pickle.loads(message[len(_ECHO) :]), pickle.HIGHEST_PROTOCOL)
    started = monotonic_ns()
    try:
        result = call(pickle.loads(message))
        end_fork()
    except BaseException as error:  # SystemExit too: it ends the call, not the process
        end_fork(error)
        return _HEAD.pack(started, monotonic_ns(), True) + describe(error).encode(
            "utf-8", "replace"
        )
    ended = monotonic_ns()
    try:
        rest = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except BaseException as error:
        reason = f"its result cannot be pickled: {describe(error)}"
        return _HEAD.pack(started, ended, True) + reason.encode("utf-8", "replace")
    return _HEAD.pack(started, ended, False) + rest
