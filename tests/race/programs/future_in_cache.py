"""Whoever comes first loads, the others wait for its future; setdefault says who was first."""

import threading
from concurrent.futures import Future


class Loader:
    def __init__(self) -> None:
        self.pending: dict[str, Future[list[str]]] = {}
        self.loads: list[str] = []

    def load(self, key: str) -> list[str]:
        mine: Future[list[str]] = Future()
        future = self.pending.setdefault(key, mine)
        if future is mine:
            self.loads.append(key)
            value = [key]
            value.append(key.upper())
            future.set_result(value)
        return future.result(timeout=5)


loader = Loader()


def ask() -> None:
    for number in range(30):
        assert loader.load(f"key{number}")[1] == f"KEY{number}"


threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(loader.loads) == 30
