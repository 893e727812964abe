"""Clerks take the first letter and then look at it; what they took is theirs."""

import threading
from collections import deque


class Mailroom:
    def __init__(self) -> None:
        self.letters = deque((number % 3, f"letter {number}") for number in range(60))
        self.urgent: list[str] = []
        self.later: list[str] = []

    def sort_one(self) -> bool:
        try:
            urgency, letter = self.letters.popleft()
        except IndexError:
            return False
        (self.urgent if urgency == 0 else self.later).append(letter)
        return True


room = Mailroom()


def clerk() -> None:
    while room.sort_one():
        pass


clerks = [threading.Thread(target=clerk) for _ in range(2)]
for each in clerks:
    each.start()
for each in clerks:
    each.join()
assert len(room.urgent) == 20
assert len(room.later) == 40
