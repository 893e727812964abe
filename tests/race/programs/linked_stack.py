"""A stack of linked nodes: two pushes may put the same head behind them."""

import threading


class Node:
    __slots__ = ("below", "value")

    def __init__(self, value: int, below: "Node | None") -> None:
        self.value = value
        self.below = below


class Stack:
    def __init__(self) -> None:
        self.head: Node | None = None

    def push(self, value: int) -> None:
        node = Node(value, self.head)
        self.head = node

    def pop(self) -> int | None:
        node = self.head
        if node is None:
            return None
        self.head = node.below
        return node.value


stack = Stack()


def pushing() -> None:
    for value in range(40):
        stack.push(value)


def popping() -> None:
    for _ in range(40):
        stack.pop()


threads = [threading.Thread(target=each) for each in (pushing, pushing, popping)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
