"""All that the C++ program looks up by name, in one place (src/python/toolset.cpp).

Slow paths are imported when they are first needed: start-up time is part of the product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from atonce import CallCancelled, CallTimedOut, Context
from atonce._host.contexts import CallContext
from atonce._host.events import run_loop, start_call
from atonce._host.generators import drain
from atonce._host.importing import is_importing
from atonce._host.results import BYTES_MODE, INF_NAN_MODE
from atonce._host.results import fallback as FALLBACK  # noqa: N812  # a constant to C++

if TYPE_CHECKING:
    from atonce._host.toolset import Tool

__all__ = [
    "BYTES_MODE",
    "FALLBACK",
    "INF_NAN_MODE",
    "TO_JSON_NAMES",
    "CallCancelled",
    "CallTimedOut",
    "describe_raised",
    "drain",
    "explain_invalid",
    "is_importing",
    "make_context",
    "revalidate",
    "run_loop",
    "start_call",
    "to_json",
]

# How results without a serializer of their own become JSON: to_json(result, **these).
TO_JSON_NAMES = ("inf_nan_mode", "bytes_mode", "fallback")


def revalidate(tool: Tool, raw: bytes) -> Any:
    """Validates again, mending what models often get wrong: (args, kwargs), or ValidationError."""
    from atonce._host.repair import revalidate as mend

    return mend(tool.arguments, raw)


def explain_invalid(tool: Tool, error: BaseException, raw: bytes) -> tuple[str, str]:
    """The message a model can repair its call from, and the problems as a JSON array.

    Raises `error` when it does not say that the arguments do not fit.
    """
    from atonce._host.invalid import explain

    return explain(tool.name, tool.arguments, error, raw)


def describe_raised(error: BaseException) -> tuple[str, str, str]:
    """The exception's type name, its message, and the traceback of the user's own frames."""
    from atonce._host import tracebacks

    return tracebacks.describe_raised(error)


def make_context(
    deadline: float, is_cancelled: Callable[[], bool], tell: Callable[..., Any] | None = None
) -> Context:
    """The Context of one call; `deadline` is on the clock of time.monotonic().

    `tell` is there when somebody listens to the call: see CallContext.
    """
    if tell is None:
        return Context(is_cancelled=is_cancelled, deadline=deadline)
    return CallContext(tell, is_cancelled, deadline)
