"""The last values in a deque that forgets the oldest, averaged while more come in."""

import threading
from collections import deque


class Recent:
    def __init__(self) -> None:
        self.values: deque[float] = deque([0.0], maxlen=20)

    def add(self, value: float) -> None:
        self.values.append(value)

    def mean(self) -> float:
        return sum(self.values) / 20


recent = Recent()


def measure() -> None:
    for number in range(60):
        recent.add(number / 2)


def show() -> None:
    for _ in range(20):
        try:
            recent.mean()
        except RuntimeError as error:
            print(error)


threads = [threading.Thread(target=measure), threading.Thread(target=show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
