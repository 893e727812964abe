"""The parameters of a function: names, resolved types, defaults, and which one is the Context."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from atonce import Context, ToolsError

EMPTY = inspect.Parameter.empty
VAR_POSITIONAL = inspect.Parameter.VAR_POSITIONAL
VAR_KEYWORD = inspect.Parameter.VAR_KEYWORD
POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY

# How a Context may be written where its name is not known at run time (`if TYPE_CHECKING:`).
_CONTEXT_WORDS = frozenset({"Context", "atonce.Context"})

_UNIONS = (Union, getattr(types, "UnionType", Union))  # `int | str` since Python 3.10


class Parameter(NamedTuple):
    name: str
    annotation: Any  # resolved; Any when the parameter has none
    default: Any  # EMPTY when there is none
    kind: Any  # as inspect says it


class Signature(NamedTuple):
    parameters: tuple[Parameter, ...]  # those that a model fills in
    context: str | None  # the name of the parameter that takes the Context
    order: tuple[inspect.Parameter, ...]  # all of them, as the function has them
    unannotated: tuple[str, ...]

    @property
    def needs_positions(self) -> bool:
        """Whether the function cannot be called with keywords alone."""
        return any(one.kind in (POSITIONAL_ONLY, VAR_POSITIONAL) for one in self.order)


def read_signature(function: Callable[..., Any], tool: str) -> Signature:
    """Reads what `function` takes. Raises ToolsError, which names the parameter at fault."""
    order = _read_order(function, tool)
    bound = _bound_keywords(function)
    globalns = namespace_of(function)
    parameters: list[Parameter] = []
    contexts: list[str] = []
    unannotated: list[str] = []
    for one in order:
        if one.name in bound:
            continue
        if _is_context(one.annotation, globalns):
            contexts.append(one.name)
            continue
        if one.annotation is EMPTY:
            unannotated.append(one.name)
        parameters.append(_resolve_parameter(one, globalns, tool))
    if len(contexts) > 1:
        raise ToolsError(
            f"`{tool}` has {len(contexts)} parameters of the type Context: {', '.join(contexts)}",
            "keep one; it is the context of the whole call",
        )
    return Signature(
        tuple(parameters), contexts[0] if contexts else None, order, tuple(unannotated)
    )


def read_order(function: Callable[..., Any], tool: str) -> Signature:
    """As read_signature(), but without `parameters`: for a Python that may not know their types."""
    order = _read_order(function, tool)
    globalns = namespace_of(function)
    contexts = [one.name for one in order if _is_context(one.annotation, globalns)]
    return Signature((), contexts[0] if contexts else None, order, ())


def read_return(function: Callable[..., Any]) -> Any:
    """The resolved return annotation; EMPTY when there is none or its names are not known."""
    try:
        annotation = _inspect_signature(function).return_annotation
        return EMPTY if annotation is EMPTY else resolve(annotation, namespace_of(function))
    except Exception:  # the annotation is the user's, and a result needs none
        return EMPTY


def resolve(annotation: Any, globalns: dict[str, Any]) -> Any:
    """The type that an annotation stands for: strings evaluated, also inside of other types."""

    def carrier() -> None: ...

    carrier.__annotations__ = {"it": annotation}
    return typing.get_type_hints(carrier, globalns, globalns, include_extras=True)["it"]


def namespace_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The global names that the function's annotations were written among."""
    plain = plain_function(function)
    found = getattr(plain, "__globals__", None)
    return found if isinstance(found, dict) else {}


def plain_function(function: Any) -> Any:
    """The function that a partial, a method, a callable object or a wrapper ends up calling."""
    for _ in range(100):  # a wrapper may wrap itself
        if isinstance(function, partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif not inspect.isroutine(function) and not isinstance(function, type):
            function = type(function).__call__
        else:
            break
    return function


def _read_order(function: Callable[..., Any], tool: str) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(_inspect_signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise ToolsError(
            f"the parameters of `{tool}` cannot be found out: {error}",
            "wrap it in a function of your own with typed parameters",
        ) from None


def _inspect_signature(function: Callable[..., Any]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        # Names that only a type checker knows must not break what does not need them.
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _bound_keywords(function: Any) -> frozenset[str]:
    # What a partial gives by keyword is the author's, and not for a model to override.
    return frozenset(function.keywords) if isinstance(function, partial) else frozenset()


def _resolve_parameter(one: inspect.Parameter, globalns: dict[str, Any], tool: str) -> Parameter:
    if one.annotation is EMPTY:
        return Parameter(one.name, Any, one.default, one.kind)
    try:
        annotation = resolve(one.annotation, globalns)
        if one.default is None and annotation is not Any:
            annotation = annotation | None  # "limit: int = None" is written often
    except Exception as error:  # evaluating an annotation runs the user's code
        raise ToolsError(
            f"the type of the parameter `{one.name}` of `{tool}` is not known: {error}",
            "import its name where the program runs, not only under `if TYPE_CHECKING:`",
        ) from None
    return Parameter(one.name, annotation, one.default, one.kind)


def _is_context(annotation: Any, globalns: dict[str, Any]) -> bool:
    if annotation is EMPTY:
        return False
    try:
        return any(one is Context for one in _members(resolve(annotation, globalns)))
    except Exception:
        return any(word in _CONTEXT_WORDS for word in _words(annotation))


def _members(annotation: Any) -> Iterator[Any]:
    """The annotation itself, or what an Annotated or a union is made of."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in _UNIONS:
        for one in get_args(annotation):
            yield from _members(one)
    else:
        yield annotation


def _words(annotation: Any) -> list[str]:
    """The parts of a written union: "Context | None" and "Optional[Context]" alike."""
    text = getattr(annotation, "__forward_arg__", annotation)
    if not isinstance(text, str):
        return []
    text = text.strip()
    for prefix in ("Optional[", "typing.Optional["):
        if text.startswith(prefix) and text.endswith("]"):
            text = text[len(prefix) : -1]
    return [word.strip() for word in text.split("|")]
