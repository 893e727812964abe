"""The decorator `atonce.tool`: attaches options to a function and gives the function back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar, get_args, overload

from atonce._errors import ToolsError

Function = TypeVar("Function", bound=Callable[..., Any])
Isolation = Literal["thread", "process"]
Structured = Literal["both", "text", "only"]

ATTRIBUTE = "__atonce__"


class Options(NamedTuple):
    """What the decorator was told; None means that nothing was said."""

    name: str | None = None
    serial: bool | str = False
    max_concurrency: int | None = None
    timeout: float | None = None
    retries: int = 0
    isolation: Isolation = "thread"
    max_memory: int | None = None
    max_cpu: int | None = None
    approve: bool = False
    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    schema: Mapping[str, Any] | None = None
    title: str | None = None
    open_world: bool | None = None
    structured: Structured = "both"


@overload
def tool(function: Function, /) -> Function: ...
@overload
def tool(
    *,
    name: str | None = None,
    serial: bool | str = False,
    max_concurrency: int | None = None,
    timeout: float | None = None,
    retries: int = 0,
    isolation: Isolation = "thread",
    max_memory: int | None = None,
    max_cpu: int | None = None,
    approve: bool = False,
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    schema: Mapping[str, Any] | None = None,
    title: str | None = None,
    open_world: bool | None = None,
    structured: Structured = "both",
) -> Callable[[Function], Function]: ...
def tool(function: Any = None, /, **options: Any) -> Any:
    """Marks a function as a tool. It stays what it was and can be called as before.

    Once one function of a file is marked, only marked functions are tools.

    - `name`: what the model calls it; the function's own name unless given.
    - `serial`: True for one call at a time; a string for one call at a time among all tools that
      share that string.
    - `max_concurrency`: how many calls may run at the same time.
    - `timeout`: seconds after which a call is answered as timed out.
    - `retries`: how often a call that raised is tried again, inside its deadline.
    - `isolation`: "process" runs calls in a child process: a crash there is one outcome, and a
      timeout ends it.
    - `max_memory`, `max_cpu`: with "process", how many megabytes of memory and seconds of
      processor time one call may use.
    - `approve`: a person is asked before each call.
    - `read_only`, `destructive`, `idempotent`, `open_world`: hints for clients (the last: it deals
      with more than this program's own world); `check` and `compare` do not run destructive tools
      unless told to.
    - `schema`: a JSON Schema of the arguments to declare instead of the one made from the types.
    - `title`: what MCP's clients show people in the place of the name.
    - `structured`: a result whose return type says what it is goes to MCP's clients as text and as
      structured content ("both"), or as one of them alone ("text" or "only").

    Raises ToolsError for an option or a value that cannot be.
    """
    checked = _checked(options)
    if function is None:
        return lambda decorated: _attach(decorated, checked)
    return _attach(function, checked)


def options_of(function: object) -> Options | None:
    """The options that the decorator attached to `function`, or None when it was not decorated."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, Options) else None


def _attach(function: Any, options: Options) -> Any:
    if isinstance(function, type):
        raise ToolsError(
            f"atonce.tool got the class `{function.__name__}`",
            "mark its methods, or a function that makes an object of it",
        )
    if not callable(function) and not isinstance(function, (staticmethod, classmethod)):
        raise ToolsError(
            f"atonce.tool got {function!r}, which is no function",
            "write `@atonce.tool` or `@atonce.tool(name=...)` above a function",
        )
    # Attributes of a staticmethod or classmethod object are not seen through an instance.
    target = function.__func__ if isinstance(function, (staticmethod, classmethod)) else function
    try:
        setattr(target, ATTRIBUTE, options)
    except AttributeError:
        raise ToolsError(
            f"atonce.tool cannot mark {function!r}, because it takes no attributes",
            "wrap it in a function of your own and mark that",
        ) from None
    return function


def _checked(given: dict[str, Any]) -> Options:
    for name in given:
        if name not in Options._fields:
            raise ToolsError(
                f"atonce.tool has no option `{name}`",
                f"the options are {', '.join(Options._fields)}",
            )
    options = Options(**given)
    for name, (holds, wanted) in _RULES.items():
        value = getattr(options, name)
        if not holds(value):
            raise ToolsError(f"atonce.tool: {name}={value!r} cannot be", f"give {wanted}")
    if options.isolation != "process" and (options.max_memory or options.max_cpu):
        raise ToolsError(
            "atonce.tool: max_memory and max_cpu hold for a process only",
            'add isolation="process", or leave them out',
        )
    return options


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_hint(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_none_or_positive(value: object) -> bool:
    return value is None or (_is_count(value) and value != 0)


def _is_positive_number(value: object) -> bool:
    # `<` with infinity also refuses NaN.
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 < value < float("inf")  # type: ignore[operator]


_HINT = (_is_hint, "True or False, or leave it out")
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: value is None or _is_text(value), "a name such as `get_rate`"),
    "serial": (
        lambda value: _is_flag(value) or _is_text(value),
        "True, or the name of a group of tools of which one call runs at a time",
    ),
    "max_concurrency": (_is_none_or_positive, "a whole number from 1 on"),
    "timeout": (
        lambda value: value is None or _is_positive_number(value),
        "a number of seconds above 0",
    ),
    "retries": (_is_count, "a whole number from 0 on"),
    "isolation": (
        lambda value: value in get_args(Isolation),
        '"thread" or "process"',
    ),
    "max_memory": (_is_none_or_positive, "a whole number of megabytes from 1 on"),
    "max_cpu": (_is_none_or_positive, "a whole number of seconds from 1 on"),
    "approve": (_is_flag, "True or False"),
    "read_only": _HINT,
    "destructive": _HINT,
    "idempotent": _HINT,
    "open_world": _HINT,
    "title": (lambda value: value is None or _is_text(value), "a text"),
    "structured": (
        lambda value: value in get_args(Structured),
        '"both", "text" or "only"',
    ),
    "schema": (
        lambda value: value is None or isinstance(value, Mapping),
        'a JSON Schema as a dict, such as {"type": "object", "properties": {...}}',
    ),
}
