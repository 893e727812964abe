"""The Context of a call that somebody listens to.

C++ gives each call a callable `tell` (src/python/context_link.h), which does nothing, and refuses
to ask, once the call has been answered:

    tell("progress", done, total | None, message | None)
    tell("log", level, logger | None, JSON as bytes)
    tell("changed", "tools" | "prompts" | "resources" | uri)
    tell("client") -> JSON as str
    tell("ask", JSON as bytes) -> ("answered" | "unwind" | "refused", text); may wait long, detached
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from atonce import Answers, CannotAsk, Context
from atonce._asking import Question
from atonce._host.results import json_text

if TYPE_CHECKING:
    import asyncio

    from atonce._host.questions import Asked

MOST_ATTEMPTS = 3  # at a form, when answers do not fit


class Unwound(BaseException):
    """Ends a run whose answers come with a later request; C++ knows of it without seeing it."""


class CallContext(Context):
    __slots__ = ("_count", "_keys", "_lock", "_tell")

    def __init__(
        self, tell: Callable[..., Any], is_cancelled: Callable[[], bool], deadline: float
    ) -> None:
        super().__init__(is_cancelled=is_cancelled, deadline=deadline)
        self._tell = tell
        self._lock = allocate_lock()
        self._count = 0  # under _lock, of questions without a key
        self._keys: set[str] = set()  # under _lock, those that are taken

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        self._tell("progress", done, total, message)

    @property
    def client(self) -> dict[str, Any]:
        told: dict[str, Any] = from_json(self._tell("client"))
        return told

    def _log(self, data: Any, level: str, logger: str | None) -> None:
        self._tell("log", level, logger, _loggable(data))

    def _changed(self, what: str) -> None:
        self._tell("changed", what)

    def _ask_one(self, key: str | None, question: Question) -> Any:
        taken = self._take_key(key)
        return self._await_or_wait({taken: question}, taken)

    def _ask(self, questions: Mapping[str, Question]) -> Any:
        if not questions:
            raise ValueError("there is nothing to ask")
        return self._await_or_wait({self._take_key(key): questions[key] for key in questions}, None)

    def _await_or_wait(self, questions: dict[str, Question], alone: str | None) -> Any:
        """The answers, or that of the only question; on an event loop, a coroutine of it."""
        from atonce._host.questions import prepare  # few calls ask

        asked = {key: prepare(question) for key, question in questions.items()}
        module = sys.modules.get("asyncio")
        loop = module._get_running_loop() if module is not None else None
        if loop is not None:
            return _later(loop, self._ask_until_it_fits, asked, alone)
        return _chosen(self._ask_until_it_fits(asked), alone)

    def _ask_until_it_fits(self, asked: dict[str, Asked]) -> Answers:
        """Answers that do not fit are asked for again, under keys that a later run finds too."""
        answers = Answers()
        waiting = {key: (key, one) for key, one in asked.items()}  # by the key of this attempt
        for attempt in range(1, MOST_ATTEMPTS + 1):
            given = self._put({key: one.request for key, (_, one) in waiting.items()})
            again = {}
            for tried, (key, one) in waiting.items():
                try:
                    answers[key] = one.read(given.get(tried))
                except ValueError as problem:
                    if attempt == MOST_ATTEMPTS or one.again is None:
                        raise ValueError(f"the answer to `{key}` does not fit: {problem}") from None
                    again[f"{key}_{attempt + 1}"] = (key, one.again(str(problem)))
            if not again:
                break
            waiting = again
        return Answers({key: answers[key] for key in asked})

    def _put(self, requests: dict[str, Any]) -> dict[str, Any]:
        kind, text = self._tell("ask", json_text(requests).encode())
        if kind == "unwind":
            raise Unwound
        if kind == "refused":
            raise CannotAsk(text)
        given = from_json(text)
        if not isinstance(given, dict):
            raise CannotAsk("the caller's answers are no JSON object")
        return given

    def _take_key(self, key: str | None) -> str:
        with self._lock:
            if key is None:
                self._count += 1
                key = f"q{self._count}"
            if key in self._keys:
                raise ValueError(
                    f"this call has asked under the key {key!r} before: give each question its own"
                )
            self._keys.add(key)
        return key


def _loggable(data: Any) -> bytes:
    try:
        return json_text(data).encode()
    except Exception:  # to log something must not end the call
        return json_text(str(data)).encode()


def _chosen(answers: Answers, alone: str | None) -> Any:
    return answers if alone is None else answers[alone]


async def _later(
    loop: asyncio.AbstractEventLoop,
    ask: Callable[[dict[str, Asked]], Answers],
    asked: dict[str, Asked],
    alone: str | None,
) -> Any:
    """Asks on a thread of its own: one that waits for a person must not hold up the loop."""
    import threading

    answered: asyncio.Future[Any] = loop.create_future()

    def settle(answers: Any, error: BaseException | None) -> None:
        if not answered.done():
            answered.set_result((answers, error))

    def work() -> None:
        answers, error = None, None
        try:
            answers = ask(asked)
        except BaseException as problem:
            error = problem
        with suppress(RuntimeError):  # the loop has closed: the program ends
            loop.call_soon_threadsafe(settle, answers, error)

    threading.Thread(target=work, name="atonce-question", daemon=True).start()
    answers, error = await answered
    if error is not None:
        raise error
    return _chosen(answers, alone)
