"""Why a call's arguments do not fit, in words that a model can repair the call from."""

from typing import Any

from pydantic_core import ErrorDetails, ValidationError, from_json

from atonce._host.arguments import Arguments
from atonce._host.problems import MISSING, UNEXPECTED, Path, Problem, collect
from atonce._host.schema_walk import choices_at, describe_at, names_at
from atonce._host.schemas import to_text

MOST_PROBLEMS = 8
MOST_CHOICES = 30
MOST_CHARACTERS = 120  # of a value that is shown

# The words are those of whoever wrote the type, and may be a sentence.
_AUTHORS = frozenset({"value_error", "assertion_error"})

_TYPES = {
    "arguments": "object",
    "bool": "boolean",
    "bytes": "string",
    "dataclass": "object",
    "dict": "object",
    "float": "number",
    "frozen_set": "array",
    "int": "integer",
    "iterable": "array",
    "list": "array",
    "mapping": "object",
    "model": "object",
    "model_attributes": "object",
    "none_required": "null",
    "set": "array",
    "string": "string",
    "tuple": "array",
}


def explain(tool: str, arguments: Arguments, error: BaseException, raw: bytes) -> tuple[str, str]:
    """The message, and the problems as a JSON array of {"path", "expected", "got", "allowed"}.

    Raises `error` itself when it is no ValidationError: then a type's own code failed.
    """
    if not isinstance(error, ValidationError):
        raise error
    try:
        value = from_json(raw)
    except ValueError as trouble:
        return _not_json(tool, raw, str(trouble))
    if not isinstance(value, dict):
        line = f"the arguments must be a JSON object, not {_shown(value)}"
        problem = {"path": "", "expected": "object", "got": _shown(value)}
        return f"`{tool}` was not called: {line}", to_text([problem])
    problems = collect(error, value)
    told = [_tell(arguments, one) for one in problems[:MOST_PROBLEMS]]
    lines = [line for line, _ in told]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"and {len(problems) - MOST_PROBLEMS} more")
    return _message(tool, lines), to_text([form for _, form in told])


def _message(tool: str, lines: list[str]) -> str:
    if len(lines) == 1:
        return f"`{tool}` was not called: {lines[0]}"
    return f"`{tool}` was not called:\n" + "\n".join(f"- {line}" for line in lines)


def _not_json(tool: str, raw: bytes, trouble: str) -> tuple[str, str]:
    text = raw.decode("utf-8", "replace")
    problem = {"path": "", "expected": "JSON object", "got": _cut(text)}
    return (
        f"`{tool}` was not called: the arguments are not JSON: {trouble}",
        to_text([problem]),
    )


def _tell(arguments: Arguments, problem: Problem) -> tuple[str, dict[str, Any]]:
    kind = problem.errors[0]["type"]
    if kind in MISSING:
        return _tell_missing(arguments, problem)
    if kind in UNEXPECTED:
        return _tell_unexpected(arguments, problem)
    return _tell_misfit(arguments, problem)


def _tell_missing(arguments: Arguments, problem: Problem) -> tuple[str, dict[str, Any]]:
    expected = describe_at(arguments.schema, problem.path) or "a value"
    choices = choices_at(arguments.schema, problem.path)
    form = {"path": pointer(problem.path), "expected": expected} | _allowed(choices)
    return f"`{pointer(problem.path)}` is missing (expected {expected}{_listed(choices)})", form


def _tell_unexpected(arguments: Arguments, problem: Problem) -> tuple[str, dict[str, Any]]:
    *holder, name = problem.path
    known = names_at(arguments.schema, tuple(holder))
    line = f"`{pointer(problem.path)}` is not known"
    if nearest := _nearest(str(name), known):
        line += f"; did you mean `{nearest}`?"
    elif known:
        line += f"; known are {', '.join(f'`{one}`' for one in known[:MOST_CHOICES])}"
    else:
        line += "; there are no arguments"
    form = {"path": pointer(problem.path), "expected": "nothing", "got": _shown(problem.value)}
    return line, form | ({"expected": "a known name"} | _allowed(known) if known else {})


def _tell_misfit(arguments: Arguments, problem: Problem) -> tuple[str, dict[str, Any]]:
    choices = choices_at(arguments.schema, problem.path)
    expected = " or ".join(dict.fromkeys(_expected(one, choices) for one in problem.errors))
    got = _shown(problem.value)
    form = {"path": pointer(problem.path), "expected": expected, "got": got} | _allowed(choices)
    where = f"`{pointer(problem.path)}`"
    if problem.errors[0]["type"] in _AUTHORS:
        return f"{where} is refused: {expected} (got {got})", form
    return f"{where} must be {expected}{_listed(choices)}, not {got}", form


def _expected(error: ErrorDetails, choices: list[Any]) -> str:
    kind = error["type"]
    for suffix in ("_type", "_parsing", "_from_float", "_exact_type", ""):
        if kind.endswith(suffix) and (name := _TYPES.get(kind.removesuffix(suffix))):
            return name
    if kind in ("enum", "literal_error"):
        return "one of the allowed values" if choices else _cut(error["ctx"]["expected"])
    for prefix in ("Input should be ", "Value error, ", "Assertion failed, "):
        if error["msg"].startswith(prefix):
            return _cut(error["msg"].removeprefix(prefix))
    return _cut(error["msg"])


def _nearest(name: str, known: list[str]) -> str | None:
    from difflib import get_close_matches  # for mistakes only

    folded = {one.casefold(): one for one in reversed(known)}
    found = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def _allowed(choices: list[Any]) -> dict[str, Any]:
    return {"allowed": choices[:MOST_CHOICES]} if choices else {}


def _listed(choices: list[Any]) -> str:
    if not choices:
        return ""
    more = ", ..." if len(choices) > MOST_CHOICES else ""
    return ": " + ", ".join(to_text(one) for one in choices[:MOST_CHOICES]) + more


def pointer(path: Path) -> str:
    """The path as a JSON pointer, cut where a name is so long that it is no name."""
    return _cut("".join("/" + str(one).replace("~", "~0").replace("/", "~1") for one in path))


def _shown(value: Any) -> str:
    try:
        return _cut(to_text(value))
    except ValueError:  # too deep, or a value that pydantic made
        return f"a {type(value).__name__}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 3] + "..."
