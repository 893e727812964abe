"""A writer and a reader take turns with one buffer, by two events that they set and clear."""

import threading


class Exchange:
    def __init__(self) -> None:
        self.full = threading.Event()
        self.empty = threading.Event()
        self.empty.set()
        self.value = 0
        self.seen = 0

    def write(self, value: int) -> None:
        self.empty.wait()
        self.empty.clear()
        self.value = value
        self.full.set()

    def read(self) -> int:
        self.full.wait()
        self.full.clear()
        value = self.value
        self.seen += 1
        self.empty.set()
        return value


exchange = Exchange()
got: list[int] = []


def write() -> None:
    for value in range(30):
        exchange.write(value)


def read() -> None:
    for _ in range(30):
        got.append(exchange.read())


threads = [threading.Thread(target=write), threading.Thread(target=read)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == list(range(30))
