"""The calls of a function that its docstring shows: doctests, and sections of examples."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from atonce._host.probing import user_function
from atonce._host.schemas import to_text
from atonce._host.signature import plain_function
from atonce._host.toolset import Tool

_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.)(?: |$)")
# "Example:", "Examples::" or the same underlined; any words up to the colon may follow.
_HEADING = re.compile(r"^\s*Examples?\b[^:\n]{0,40}:{1,2}|^\s*Examples?\s*$")
_UNDERLINE = re.compile(r"^\s*[-=~]{3,}\s*$")
_OTHER_HEADING = re.compile(r"^\s*[A-Z][A-Za-z ]{2,30}:\s*$|^\s*:[a-z]+\b[^:\n]*:")
_MOST_CHARACTERS = 2000  # of one call


def example_arguments(tool: Tool) -> list[str]:
    """The arguments of each call, as JSON texts that the tool takes; those that are no literals
    are left out. A text stands there once.
    """
    function = user_function(tool)
    text = inspect.getdoc(plain_function(function)) or ""
    found: dict[str, None] = {}
    for call in _calls(text, {tool.name, getattr(plain_function(function), "__name__", tool.name)}):
        arguments = _arguments(tool, function, call)
        if arguments is not None:
            found[arguments] = None
    return list(found)


def _calls(docstring: str, names: set[str]) -> Iterator[ast.Call]:
    code = _example_code(docstring)
    alternatives = "|".join(re.escape(name) for name in sorted(names))
    for match in re.finditer(rf"(?<![\w\"'])(?:{alternatives})\(", code):
        call = _call_at(code, match.start())
        if call is not None:
            yield call


def _example_code(docstring: str) -> str:
    """The lines with prompts, without these, and those below a heading of examples."""
    lines: list[str] = []
    depth: int | None = None  # of the heading that we are below of
    for line in docstring.splitlines():
        if _PROMPT.match(line):
            lines.append(_PROMPT.sub("", line))
        elif _HEADING.match(line):
            depth = _depth(line)
            lines.append(_HEADING.sub("", line))
        elif depth is not None and line.strip() and not _UNDERLINE.match(line):
            if _OTHER_HEADING.match(line) and _depth(line) <= depth:
                depth = None
            else:
                lines.append(line)
    return "\n".join(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _call_at(code: str, start: int) -> ast.Call | None:
    """The call that begins there: up to the first closing parenthesis that completes it."""
    for match in re.finditer(r"\)", code[start : start + _MOST_CHARACTERS]):
        try:
            parsed = ast.parse(code[start : start + match.end()], mode="eval").body
        except (SyntaxError, ValueError):
            continue
        return parsed if isinstance(parsed, ast.Call) else None
    return None


def _arguments(tool: Tool, function: Callable[..., Any], call: ast.Call) -> str | None:
    try:
        positions = [ast.literal_eval(one) for one in call.args]
        names = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
        if len(names) != len(call.keywords):
            return None  # **something
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.name != tool.context_parameter]
        bound = signature.replace(parameters=own).bind(*positions, **names)
        text = to_text(_by_name(tool, signature, bound.arguments))
        tool.validate(text.encode())
    except Exception:  # no literals, or no arguments of this function: it is an example of more
        return None
    return text


def _by_name(tool: Tool, signature: inspect.Signature, bound: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, value in bound.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            arguments |= value
        else:
            arguments[tool.arguments.aliases.get(name, name)] = value
    return arguments
