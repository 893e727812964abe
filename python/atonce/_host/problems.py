"""pydantic's errors by the place in the arguments that they are about."""

from typing import Any, NamedTuple

from pydantic_core import ErrorDetails, ValidationError

Path = tuple[str | int, ...]

# Errors about a member that is not there, or one that should not be.
MISSING = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})
UNEXPECTED = frozenset({"unexpected_keyword_argument", "extra_forbidden"})


class Problem(NamedTuple):
    path: Path  # into the arguments, without the names that pydantic gives to a union's members
    value: Any  # what is there; for MISSING, what it is missing from
    errors: list[ErrorDetails]  # several where no member of a union fits


def collect(error: ValidationError, arguments: Any) -> list[Problem]:
    """The problems of `arguments`, in pydantic's order."""
    found: dict[Path, Problem] = {}
    for one in error.errors(include_url=False):
        path = _path_of(one, arguments)
        found.setdefault(path, Problem(path, one["input"], [])).errors.append(one)
    return list(found.values())


def _path_of(error: ErrorDetails, arguments: Any) -> Path:
    steps = error["loc"]
    path: list[str | int] = []
    here = arguments
    for number, step in enumerate(steps):
        is_absent = error["type"] in MISSING and number == len(steps) - 1
        if is_absent or _has(here, step):
            path.append(step)
            here = None if is_absent else here[step]
    return tuple(path)


def _has(value: Any, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
