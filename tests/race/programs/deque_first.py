"""Clerks look at the first letter, then take the first letter."""

import threading
from collections import deque


class Mailroom:
    def __init__(self) -> None:
        self.letters = deque((number % 3, f"letter {number}") for number in range(60))
        self.urgent: list[str] = []
        self.later: list[str] = []

    def sort_one(self) -> bool:
        if len(self.letters) > 0:
            urgency, _ = self.letters[0]
            _, letter = self.letters.popleft()
            (self.urgent if urgency == 0 else self.later).append(letter)
            return True
        return False


room = Mailroom()


def clerk() -> None:
    try:
        while room.sort_one():
            pass
    except IndexError:
        print("the letter was gone")


clerks = [threading.Thread(target=clerk) for _ in range(2)]
for each in clerks:
    each.start()
for each in clerks:
    each.join()
