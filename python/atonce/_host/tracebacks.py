"""Tracebacks that show the user's own frames, without atonce's and importlib's around them."""

from __future__ import annotations

import traceback
from pathlib import Path

_OURS = str(Path(__file__).parent)
_MOST_FRAMES = 20  # endless recursion has a thousand


def describe_raised(error: BaseException) -> tuple[str, str, str]:
    """The exception's type name, its message, and the traceback of the user's own frames."""
    return type(error).__name__, message_of(error), format_traceback(error)


def message_of(error: BaseException) -> str:
    """Its message; words in its place when a `__str__` of the user's raises."""
    try:
        return str(error)
    except BaseException:
        return "its message could not be made"


def format_traceback(error: BaseException) -> str:
    """As Python prints it, with causes; empty when that fails, as exceptions of users may."""
    try:
        told = traceback.TracebackException.from_exception(error, limit=-200)
        _strip(told, set())
        return "".join(told.format()).rstrip()
    except BaseException:
        return ""


def format_frames(error: BaseException) -> str:
    """The frames alone, without the exception and its causes; empty when there are none."""
    try:
        told = traceback.TracebackException.from_exception(error, limit=-200)
        return "".join(_users_frames(told.stack).format()).rstrip()
    except BaseException:
        return ""


def _strip(told: traceback.TracebackException, seen: set[int]) -> None:
    if id(told) in seen:
        return
    seen.add(id(told))
    told.stack = _users_frames(told.stack)
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _strip(other, seen)


def _users_frames(stack: traceback.StackSummary) -> traceback.StackSummary:
    kept = [frame for frame in stack if not _is_machinery(frame.filename)]
    return traceback.StackSummary.from_list(kept[-_MOST_FRAMES:])


def _is_machinery(filename: str) -> bool:
    return filename.startswith((_OURS, "<frozen importlib"))
