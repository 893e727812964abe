"""Arguments as validated objects in a pickle: for a Python that has no pydantic to make them."""

import io
import pickle
from datetime import timezone
from typing import Any

from pydantic_core import TzInfo

from atonce import ToolsError
from atonce._host.bridge import explain_invalid, revalidate
from atonce._host.toolset import Tool

# The newest that every Python from 3.8 on reads.
PROTOCOL = 4


def pickle_arguments(tool: Tool, raw: bytes) -> bytes:
    """The arguments in the JSON text `raw`, as a pickled dict of keyword arguments.

    The Context is not among them. Classes of the user's file are pickled by the name of its module,
    which _ordinary/loading.py gives it too. Raises ToolsError when the arguments do not fit, and
    when one of them cannot be pickled, naming it.
    """
    keywords = _validated(tool, raw)
    try:
        return _pickled(keywords)
    except Exception:
        raise _cannot_be_pickled(tool.name, keywords) from None


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        # What pydantic gives a time its zone with; the standard library has the same.
        if isinstance(value, TzInfo):
            return timezone, (value.utcoffset(None),)
        return NotImplemented


def _pickled(value: object) -> bytes:
    file = io.BytesIO()
    _Pickler(file, PROTOCOL).dump(value)
    return file.getvalue()


def _validated(tool: Tool, raw: bytes) -> dict[str, object]:
    try:
        try:
            _, keywords = tool.validate(raw)
        except Exception:
            _, keywords = revalidate(tool, raw)
    except Exception as error:
        raise ToolsError(_reason(tool, error, raw), "correct what was given with --args") from None
    return {name: value for name, value in keywords.items() if name != tool.context_parameter}


def _reason(tool: Tool, error: Exception, raw: bytes) -> str:
    try:
        return explain_invalid(tool, error, raw)[0]
    except Exception:  # a type's own, which says nothing of the arguments
        return f"the arguments of `{tool.name}` are not valid: {type(error).__name__}: {error}"


def _cannot_be_pickled(tool: str, keywords: dict[str, object]) -> ToolsError:
    for name, value in keywords.items():
        try:
            _pickled(value)
        except Exception as error:
            return ToolsError(
                f"the argument `{name}` of `{tool}` cannot be pickled: {error}",
                "pickled arguments are for other interpreters, so leave out --python; "
                "or let its class be one that a module defines under its own name",
            )
    return ToolsError(f"the arguments of `{tool}` cannot be pickled together")
