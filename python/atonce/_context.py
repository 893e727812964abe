"""The context of one call, given to a tool that has a parameter annotated with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Python 3.9 could not evaluate them
    OnProgress = Callable[[float, float | None, str | None], object]
    OnLog = Callable[[str, str], object]

LEVELS = ("debug", "info", "warning", "error")


class Context:
    """What a running call may tell its caller, and what it may ask about itself.

    A parameter annotated with this class is filled in by atonce and never shown to the model.
    `Context()` works under plain Python too: it has no deadline, is never cancelled, and drops
    what it is told. All methods may be called from any thread.
    """

    __slots__ = ("_deadline", "_is_cancelled", "_on_log", "_on_progress")

    def __init__(
        self,
        on_progress: OnProgress | None = None,
        on_log: OnLog | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        deadline: float | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._on_log = on_log
        self._is_cancelled = is_cancelled
        self._deadline = deadline

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Reports that `done` of `total` units are finished; `total` is None when unknown."""
        if self._on_progress is not None:
            self._on_progress(done, total, message)

    def log(self, text: str, level: str = "info") -> None:
        """Sends a line to the caller; `level` is "debug", "info", "warning" or "error"."""
        if level not in LEVELS:
            raise ValueError(f"level {level!r} is none of {', '.join(LEVELS)}")
        if self._on_log is not None:
            self._on_log(str(text), level)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for this call any more; a long loop should look and return."""
        return self._is_cancelled is not None and bool(self._is_cancelled())

    @property
    def deadline(self) -> float | None:
        """When the call must have answered, on the clock of `time.monotonic()`; None for never."""
        return self._deadline

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline, never below zero; None when there is no deadline."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())
