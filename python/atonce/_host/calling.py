"""How a function gives its result, and a form of it that keywords alone can call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from atonce._host.signature import POSITIONAL_ONLY, VAR_POSITIONAL, Signature


def kind_of(function: Any) -> str:
    """The words of src/python/toolset.cpp: function, generator, async or async_generator."""
    if not inspect.isroutine(function) and not hasattr(function, "func"):
        function = type(function).__call__
    if inspect.isasyncgenfunction(function):
        return "async_generator"
    if inspect.iscoroutinefunction(function):
        return "async"
    return "generator" if inspect.isgeneratorfunction(function) else "function"


def adapt(function: Callable[..., Any], signature: Signature) -> Callable[..., Any]:
    """`function` itself, wherever it takes keywords and gives no coroutine unannounced."""
    adapted = function
    if signature.needs_positions:
        adapted = _with_positions(function, signature)
    if kind_of(function) == "function" and _wraps_async(function):
        adapted = _waiting(adapted)
    return adapted


def _with_positions(function: Callable[..., Any], signature: Signature) -> Callable[..., Any]:
    rest = next((one.name for one in signature.order if one.kind is VAR_POSITIONAL), None)
    first = []
    for one in signature.order:
        if one.kind is VAR_POSITIONAL or (rest is None and one.kind is not POSITIONAL_ONLY):
            break
        first.append(one.name)

    def call(**arguments: Any) -> Any:
        positions = [arguments.pop(name) for name in first]
        if rest is not None:
            positions.extend(arguments.pop(rest))
        return function(*positions, **arguments)

    return call


def _wraps_async(function: Any) -> bool:
    """Whether it is a plain function around an async one, as a decorator may leave it."""
    if not hasattr(function, "__wrapped__"):
        return False
    inner = inspect.unwrap(function)
    return inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)


def _waiting(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(**arguments: Any) -> Any:
        result = function(**arguments)
        if not inspect.isawaitable(result) and not inspect.isasyncgen(result):
            return result
        import asyncio

        from atonce._host.generators import settle

        return asyncio.run(settle(result))

    return call
