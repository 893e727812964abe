"""A stack of linked nodes whose methods are all wrapped by a decorator that takes the lock."""

import functools
import threading
from collections.abc import Callable
from typing import Any


def synchronized(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(self: "Stack", *arguments: Any) -> Any:
        with self.lock:
            return method(self, *arguments)

    return locked


class Node:
    __slots__ = ("below", "value")

    def __init__(self, value: int, below: "Node | None") -> None:
        self.value = value
        self.below = below


class Stack:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.head: Node | None = None

    @synchronized
    def push(self, value: int) -> None:
        node = Node(value, self.head)
        self.head = node

    @synchronized
    def pop(self) -> int | None:
        node = self.head
        if node is None:
            return None
        self.head = node.below
        return node.value


stack = Stack()
popped: list[int] = []


def pushing() -> None:
    for value in range(40):
        stack.push(value)


def popping() -> None:
    for _ in range(40):
        if (value := stack.pop()) is not None:
            popped.append(value)


threads = [threading.Thread(target=each) for each in (pushing, pushing, popping)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
while (value := stack.pop()) is not None:
    popped.append(value)
assert sorted(popped) == sorted([*range(40), *range(40)])
