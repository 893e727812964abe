"""The context of one call, given to a tool that has a parameter annotated with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from atonce._asking import (
    Answers,
    Elicit,
    Elicited,
    ElicitUrl,
    Question,
    RootList,
    Roots,
    Sample,
    Sampled,
)
from atonce._errors import CannotAsk

if TYPE_CHECKING:  # Python 3.9 could not evaluate them
    OnProgress = Callable[[float, float | None, str | None], object]
    OnLog = Callable[[Any, str, str | None], object]

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_NOBODY = (
    "nobody can be asked here: the call comes from no client of `atonce serve`, or runs in a "
    "process of its own"
)
LISTS = ("tools", "prompts", "resources")


class Context:
    """What a running call may tell and ask its caller, and what it may ask about itself.

    A parameter annotated with this class is filled in by atonce and never shown to the model.
    `Context()` works under plain Python too: it has no deadline, is never cancelled, drops what it
    is told, and raises CannotAsk when it is to ask. All methods may be called from any thread;
    after the call has been answered they do nothing, and ask nobody.

    Asking: `elicit`, `elicit_url`, `sample`, `roots` and `ask_all` wait for the caller's answer, as
    long as the call's deadline allows. An async function awaits them (`await ctx.elicit(...)`); in
    any other they give the answer itself.

    A function that asks must be ready to run again from its top: the answer may come with a later
    request, and then this run ends inside of the question (with an exception that
    `except Exception` does not catch), and the next one meets the same question and gets its answer
    at once. So what comes before a question may happen more than once, and whatever must not (a
    payment, a mail) belongs after the last one. Answers are known by the keys of their questions:
    "q1", "q2", ... in the order in which they are asked, unless `key` names one. Give keys where
    that order may change from run to run, as between threads.

    Raises CannotAsk when the caller cannot be asked (`client` tells beforehand what it can do).
    Nobody hears, and nobody can be asked by, a tool with `isolation="process"`.
    """

    __slots__ = ("_deadline", "_is_cancelled", "_on_log", "_on_progress")

    def __init__(
        self,
        on_progress: OnProgress | None = None,
        on_log: OnLog | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        deadline: float | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._on_log = on_log
        self._is_cancelled = is_cancelled
        self._deadline = deadline

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Reports that `done` of `total` units are finished; `total` is None when unknown."""
        if self._on_progress is not None:
            self._on_progress(done, total, message)

    def log(self, data: Any, level: str = "info", logger: str | None = None) -> None:
        """Sends a line, or anything that JSON can say, to the caller.

        `level` is "debug", "info", "notice", "warning", "error", "critical", "alert" or
        "emergency"; the caller decides from which on it wants to hear. `logger` names the part of
        the program that speaks.
        """
        if level not in LEVELS:
            raise ValueError(f"level {level!r} is none of {', '.join(LEVELS)}")
        self._log(data, level, logger)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for this call any more; a long loop should look and return."""
        return self._is_cancelled is not None and bool(self._is_cancelled())

    @property
    def deadline(self) -> float | None:
        """When the call must have answered, on the clock of `time.monotonic()`; None for never."""
        return self._deadline

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline, never below zero; None when there is no deadline."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())

    def elicit(self, message: str, schema: Any = None, key: str | None = None) -> Elicited:
        """Asks the person to fill in a form.

        `schema` is a dataclass, a TypedDict or a pydantic model of plain fields (str, int, float,
        bool, dates, Literal, Enum, lists of the last two), of which `content` is one then; or one
        such plain type; or a JSON Schema as a dict, whose answer is not looked at; or None, to have
        something confirmed. An answer that does not fit is asked for again, saying why, and after
        three times raises ValueError.
        """
        return self._ask_one(key, Elicit(message, schema))  # type: ignore[no-any-return]

    def elicit_url(self, message: str, url: str, key: str | None = None) -> Elicited:
        """Asks the person to open a page; accepted means that they agreed, not that they are done.

        For what must not pass through the client, such as passwords and payments.
        """
        return self._ask_one(key, ElicitUrl(message, url))  # type: ignore[no-any-return]

    def sample(
        self,
        messages: Any,
        max_tokens: int,
        system: str | None = None,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        preferences: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Sampled:
        """Asks the caller's model.

        `messages` is a str, or a list of str, media and atonce.Message. `stop` are sequences at
        which the model stops; `preferences` are MCP's modelPreferences.
        """
        question = Sample(messages, max_tokens, system, temperature, tuple(stop), preferences)
        return self._ask_one(key, question)  # type: ignore[no-any-return]

    def roots(self, key: str | None = None) -> RootList:
        """Asks for the folders that the caller works in, as a list of atonce.Root."""
        return self._ask_one(key, Roots())  # type: ignore[no-any-return]

    def ask_all(self, **questions: Question) -> Answers:
        """Asks several things at once: atonce.Elicit, ElicitUrl, Sample and Roots, by their keys.

        Gives their answers by the same keys, as a dict.
        """
        return self._ask(questions)  # type: ignore[no-any-return]

    @property
    def client(self) -> dict[str, Any]:
        """What is known of the caller: `name`, `version`, `capabilities`; a new dict each time."""
        return {}

    def list_changed(self, what: str) -> None:
        """Tells every client that wants to know that the "tools", "prompts" or "resources" are new.

        Raises ValueError for another word.
        """
        if what not in LISTS:
            raise ValueError(f"{what!r} is none of {', '.join(LISTS)}")
        self._changed(what)

    def resource_updated(self, uri: str) -> None:
        """Tells the clients that subscribed to the resource that it has changed."""
        if uri in LISTS:
            raise ValueError(f"{uri!r} is no resource's address")
        self._changed(uri)

    # What the host puts in the place of these: see atonce._host.contexts.

    def _log(self, data: Any, level: str, logger: str | None) -> None:
        if self._on_log is not None:
            self._on_log(data, level, logger)

    def _changed(self, _what: str) -> None:
        return None

    def _ask_one(self, _key: str | None, _question: Question) -> Any:
        raise CannotAsk(_NOBODY)

    def _ask(self, _questions: Mapping[str, Question]) -> Any:
        raise CannotAsk(_NOBODY)
