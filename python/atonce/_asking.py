"""What a call may ask its caller, and the answers.

Every answer can be awaited, and is itself then: so `await ctx.elicit(...)` in an async function and
`ctx.elicit(...)` in any other have the same type.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, Union

Given = TypeVar("Given")


class Elicit(NamedTuple):
    """Asks the person for a form's fields, for `Context.ask_all`; see `Context.elicit`."""

    message: str
    schema: Any = None


class ElicitUrl(NamedTuple):
    """Asks the person to open a page, for `Context.ask_all`; see `Context.elicit_url`."""

    message: str
    url: str


class Sample(NamedTuple):
    """Asks the caller's model, for `Context.ask_all`; see `Context.sample`."""

    messages: Any
    max_tokens: int
    system: str | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    preferences: Mapping[str, Any] | None = None


class Roots(NamedTuple):
    """Asks for the folders that the caller works in, for `Context.ask_all`."""


Question = Union[Elicit, ElicitUrl, Sample, Roots]  # noqa: UP007  # for Python 3.9


class Elicited(NamedTuple):
    """What the person did: `action` is "accept", "decline" or "cancel".

    `content` is there when it was accepted: a value of the type that was asked for, or a dict
    where a JSON Schema was given.
    """

    action: str
    content: Any = None

    @property
    def accepted(self) -> bool:
        return self.action == "accept"

    def __await__(self) -> Generator[None, None, Elicited]:
        return _at_once(self)


class Sampled(NamedTuple):
    """What the caller's model said; `content` is one of MCP's content blocks, or a list of them."""

    content: Any
    role: str = "assistant"
    model: str = ""
    stop_reason: str | None = None

    @property
    def text(self) -> str:
        """All the text in it; empty when there is none."""
        blocks = self.content if isinstance(self.content, Sequence) else [self.content]
        return "".join(one["text"] for one in blocks if isinstance(one.get("text"), str))

    def __await__(self) -> Generator[None, None, Sampled]:
        return _at_once(self)


class Root(NamedTuple):
    """A folder or file that the caller works in."""

    uri: str
    name: str | None = None


class RootList(list[Root]):
    """The answer to `Roots`."""

    def __await__(self) -> Generator[None, None, RootList]:
        return _at_once(self)


class Answers(dict[str, Any]):
    """The answers to `Context.ask_all`, by the names of the questions."""

    def __await__(self) -> Generator[None, None, Answers]:
        return _at_once(self)


def _at_once(value: Given) -> Generator[None, None, Given]:
    yield from ()
    return value
