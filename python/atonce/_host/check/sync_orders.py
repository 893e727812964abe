"""Who knows what: the small structures that carry a thread's clock from one thread to another.

A token is what the native module's snapshot() gives; join() of it, in another thread, orders what
that one does next after all that came before the snapshot. Each object here belongs to one object
of the user's (an event, a queue) and is kept in that object's own `__dict__`.

Thread safety: all methods from any thread, without a lock of their own: only what a dict or a deque
does in one step.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import repeat
from typing import Any, Protocol, TypeVar

KEY = "_atonce_order"
# More permits than this are no limit that anybody waits at; those above it order a little more.
MOST_BLANKS = 100_000

Order = TypeVar("Order")


class Native(Protocol):
    """What the hooks need of `_atonce_race`."""

    def snapshot(self) -> object:
        """What the calling thread knows: a token."""

    def join(self, token: Any, /) -> None:
        """The calling thread knows what the token's did."""

    def hide(self) -> None:
        """Locks that the calling thread takes and gives back order nothing until show()."""

    def show(self) -> None:
        """Ends the last hide()."""

    def ignore(self, lock: Any, /) -> None:
        """That lock orders nothing, ever."""

    def know_queue(self, kind: type, /) -> None:
        """What is put into objects of that class, and got from them, changes them."""

    def let_parent_go_on(self) -> None:
        """Called by a thread that has just begun and has told its parent so."""

    def perturbs(self) -> bool:
        """Whether this run disturbs the program's timing, so that others come in between."""

    def watch_objects(self) -> None:
        """Sees again which objects begin and end, after somebody else has taken that place."""


def order_of(owner: Any, make: Callable[[], Order]) -> Order:
    """What was made for `owner`; its `__dict__`, because a class may have a `__getattr__`."""
    own: dict[str, Any] = owner.__dict__
    try:
        found: Order = own[KEY]
    except KeyError:
        found = own.setdefault(KEY, make())
    return found


class _Me(threading.local):
    def __init__(self) -> None:
        self.key = object()  # an ended thread's number is given to another, this is not


_me = _Me()


class Pause(threading.local):
    """Where the detector may make a thread wait: after a lock of its own, which orders nothing."""

    def __init__(self, native: Native) -> None:
        self.lock = threading.Lock()
        native.ignore(self.lock)

    def __call__(self) -> None:
        with self.lock:
            pass


class Gathered:
    """What all givers knew: who takes comes after every one of them."""

    __slots__ = ("_native", "_tokens")

    def __init__(self, native: Native) -> None:
        self._native = native
        self._tokens: dict[object, object] = {}  # a thread's last token says all it had to say

    def give(self) -> None:
        self._tokens[_me.key] = self._native.snapshot()

    def take(self) -> None:
        for token in self._tokens.copy().values():
            self._native.join(token)


class Permits:
    """The n-th taker comes after the (n - initial)-th giver: no other order is promised."""

    __slots__ = ("_native", "_tokens")

    def __init__(self, native: Native, initial: int) -> None:
        self._native = native
        self._tokens: deque[object] = deque(repeat(None, min(max(initial, 0), MOST_BLANKS)))

    def give(self, count: int = 1) -> None:
        """Before others can have the permits."""
        self._tokens.extend(repeat(self._native.snapshot(), count))

    def take_back(self, count: int) -> None:
        """What was given was not wanted."""
        for _ in range(count):
            if self._tokens:
                self._tokens.pop()

    def take(self) -> None:
        """After a permit was had."""
        try:
            token = self._tokens.popleft()
        except IndexError:  # made by hand, or before the hooks were there
            return
        if token is not None:
            self._native.join(token)
