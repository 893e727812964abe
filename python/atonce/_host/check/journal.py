"""What a run writes down as it goes, for the parent to read when it does not come to its end.

One JSON array a line, each by one os.write, so that a crash leaves whole lines:
["start", thread, tool, arguments] before a call, ["end", thread] after it, and ["fork", thread]
before the call starts a copy of the process, which the subprocess module does not.
"""

from __future__ import annotations

import json
import os
from _thread import get_ident

NOWHERE = -1


class Journal:
    """Thread safety: each thread may say what it does itself."""

    def __init__(self, path: str | None) -> None:
        """Appends to the file at `path`, which is there; None: says nothing. Raises OSError."""
        self.fd = NOWHERE if path is None else os.open(path, os.O_WRONLY | os.O_APPEND)
        self._threads: dict[int, int] = {}  # in calls: their numbers, by the system's
        if path is not None:
            os.register_at_fork(before=self._note_fork)

    def start(self, thread: int, tool: str, arguments: str) -> None:
        self._threads[get_ident()] = thread
        self._write("start", thread, tool, arguments)

    def end(self, thread: int) -> None:
        self._threads.pop(get_ident(), None)
        self._write("end", thread)

    def _note_fork(self) -> None:
        thread = self._threads.get(get_ident())
        if thread is not None:
            self._write("fork", thread)

    def _write(self, *line: object) -> None:
        if self.fd != NOWHERE:
            os.write(self.fd, json.dumps(line).encode() + b"\n")
