"""queue.Queue and its kin: what a thread knew goes with the item that it put there.

Put and get hide the queue's mutex, which would order all putters and all getters among themselves,
and pass tokens along inside of it. It is hidden and not ignored because it is public: `with
q.mutex` orders those who write it. Where other code runs under the mutex and may rely on it -
`_put` of a class of the user's, `__lt__` of the items in a PriorityQueue - it stays visible.
(SimpleQueue is written in C, and so are its hooks.)
"""

from __future__ import annotations

import queue
from collections import deque
from types import FunctionType
from typing import Any

from atonce._host.check.patches import Patches
from atonce._host.check.sync_orders import KEY, Gathered, Native, Pause, Permits

_COMPARED_IN_C = frozenset({int, float, str, bytes, bool, type(None)})
_SHUT: Any = getattr(queue, "ShutDown", ())  # since Python 3.13


class _InLine:
    """The tokens of the items that wait in a queue, in the same order."""

    def __init__(self, native: Native, is_last_first: bool) -> None:
        self._snapshot, self._join = native.snapshot, native.join
        self._is_last_first = is_last_first
        self._tokens: deque[object] = deque()

    def put(self, _: Any) -> None:
        self._tokens.append(self._snapshot())

    def get(self, _: Any, left: int) -> bool:
        """False when somebody else put something among the items; `left` are those still there."""
        tokens = self._tokens
        if len(tokens) == left + 1:
            self._join(tokens.pop() if self._is_last_first else tokens.popleft())
            return True
        is_known = len(tokens) > left  # else some were only taken away, by whoever held the mutex
        for token in tokens:
            self._join(token)
        while len(tokens) > left:
            tokens.popleft()
        return is_known


class _ByItem:
    """The same where the order of items is another: by what they are."""

    def __init__(self, native: Native) -> None:
        self._native = native
        self._tokens: dict[int, list[object]] = {}

    def put(self, item: Any) -> None:
        self._tokens.setdefault(id(item), []).append(self._native.snapshot())

    def get(self, item: Any, left: int) -> bool:
        found = self._tokens.get(id(item))
        for token in found or [each for one in self._tokens.values() for each in one]:
            self._native.join(token)
        if not left:
            self._tokens.clear()
        elif found:  # equal numbers are one object: nobody can tell which of them it was
            found.pop(0)
            if not found:
                del self._tokens[id(item)]
        return found is not None


class _QueueOrder:
    """All but the Gathered ones are used under the queue's mutex."""

    def __init__(self, native: Native, owner: Any) -> None:
        self.is_open = False  # the mutex stays visible
        self.was_touched = False
        self.done = Gathered(native)
        self.shut = Gathered(native)
        self.places = Permits(native, owner.maxsize)  # of a bounded queue: got, then put
        self.items: _InLine | _ByItem
        self.compares = isinstance(owner, queue.PriorityQueue)
        if self.compares:
            self.items = _ByItem(native)
        else:
            self.items = _InLine(native, isinstance(owner, queue.LifoQueue))


def hook(patches: Patches, native: Native) -> None:
    native.know_queue(queue.Queue)
    hooks = _QueueHooks(native)
    for one in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
        patches.replace(one, "_put", hooks.make_inner_put)
        patches.replace(one, "_get", hooks.make_inner_get)
    hooks.learn_inner()
    patches.replace(queue.Queue, "put", hooks.make_put)
    patches.replace(queue.Queue, "get", hooks.make_get)
    patches.replace(queue.Queue, "task_done", hooks.make_task_done)
    patches.replace(queue.Queue, "join", hooks.make_join)
    for name in ("qsize", "empty", "full"):
        patches.replace(queue.Queue, name, hooks.make_looking)
    if _SHUT:
        patches.replace(queue.Queue, "shutdown", hooks.make_shutdown)


class _QueueHooks:
    def __init__(self, native: Native) -> None:
        self._native = native
        self._pause = Pause(native)  # what is hidden makes nobody wait
        self._standard: dict[type, bool] = {}  # whether its inner functions are the library's
        self._inner: tuple[Any, ...] = ()

    def learn_inner(self) -> None:
        kinds = (queue.Queue, queue.LifoQueue, queue.PriorityQueue)
        self._inner = tuple(
            (kind.__dict__["_put"], kind.__dict__["_get"], kind.__dict__["_qsize"])
            for kind in kinds
        )

    def order_of(self, owner: Any) -> _QueueOrder | None:
        """None for one that does something of its own under the mutex."""
        own: dict[str, Any] = owner.__dict__
        order: _QueueOrder | None = own.get(KEY)
        if order is not None:
            return order
        kind = type(owner)
        if kind not in self._standard:
            inner = (kind._put, kind._get, kind._qsize)
            self._standard[kind] = inner in self._inner
        if not self._standard[kind] or owner.queue:
            return None  # or was filled before the hooks were there
        made: _QueueOrder = own.setdefault(KEY, _QueueOrder(self._native, owner))
        return made

    def make_put(self, original: Any) -> Any:
        hide, show = self._native.hide, self._native.show
        order_of, pause = self.order_of, self._pause

        def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> Any:
            order = self.__dict__.get(KEY) or order_of(self)
            if order is None:
                return original(self, item, block, timeout)
            if order.compares and _compares(item):
                order.is_open = True
            if order.is_open:
                return original(self, item, block, timeout)
            hide()
            try:
                original(self, item, block, timeout)
            except _SHUT:
                order.shut.take()
                raise
            finally:
                show()
            pause()
            return None

        return put

    def make_get(self, original: Any) -> Any:
        hide, show = self._native.hide, self._native.show
        order_of, pause = self.order_of, self._pause

        def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
            order = self.__dict__.get(KEY) or order_of(self)
            if order is None or order.is_open:
                return original(self, block, timeout)
            hide()
            try:
                item = original(self, block, timeout)
            except _SHUT:
                order.shut.take()
                raise
            finally:
                show()
            if order.was_touched:
                order.was_touched = False
                with self.mutex:  # whoever put it there by hand held this
                    pass
            pause()
            return item

        return get

    def make_inner_put(self, original: Any) -> Any:
        def _put(self: Any, item: Any) -> None:
            original(self, item)
            order: _QueueOrder | None = self.__dict__.get(KEY)
            if order is not None:
                order.items.put(item)
                if self.maxsize > 0:
                    order.places.take()

        return _put

    def make_inner_get(self, original: Any) -> Any:
        def _get(self: Any) -> Any:
            item = original(self)
            order: _QueueOrder | None = self.__dict__.get(KEY)
            if order is not None:
                if not order.items.get(item, len(self.queue)):
                    order.is_open = order.was_touched = True
                if self.maxsize > 0:
                    order.places.give()
            return item

        return _get

    def make_task_done(self, original: Any) -> Any:
        native, order_of = self._native, self.order_of

        def task_done(self: Any) -> None:
            order = order_of(self)
            if order is None:
                original(self)
                return
            order.done.give()
            native.hide()
            try:
                original(self)
            finally:
                native.show()

        return task_done

    def make_join(self, original: Any) -> Any:
        native, order_of = self._native, self.order_of

        def join(self: Any) -> None:
            order = order_of(self)
            if order is None:
                original(self)
                return
            native.hide()
            try:
                original(self)
            finally:
                native.show()
            order.done.take()

        return join

    def make_looking(self, original: Any) -> Any:
        """They promise nothing: not reliable, say their docstrings."""
        native, order_of = self._native, self.order_of

        def look(self: Any) -> Any:
            if order_of(self) is None:
                return original(self)
            native.hide()
            try:
                return original(self)
            finally:
                native.show()

        return look

    def make_shutdown(self, original: Any) -> Any:
        native, order_of = self._native, self.order_of

        def shutdown(self: Any, immediate: bool = False) -> None:
            order = order_of(self)
            if order is None:
                original(self, immediate)
                return
            order.shut.give()
            if immediate:
                order.done.give()  # it may be what join() waited for
            native.hide()
            try:
                original(self, immediate)
            finally:
                native.show()

        return shutdown


def _compares(item: Any) -> bool:
    """Whether comparing it runs Python code, the user's it may be."""
    kind = type(item)
    if kind in _COMPARED_IN_C:
        return False
    if kind is tuple or kind is list:
        return any(_compares(one) for one in item)
    return isinstance(getattr(kind, "__lt__", None), FunctionType)
