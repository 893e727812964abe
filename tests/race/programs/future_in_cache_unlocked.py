"""Whoever comes first loads, the others wait for its future: unless two come first."""

import threading
from concurrent.futures import Future


class Loader:
    def __init__(self) -> None:
        self.pending: dict[str, Future[str]] = {}
        self.loads: list[str] = []

    def load(self, key: str) -> str:
        future = self.pending.get(key)
        if future is not None:
            return future.result(timeout=5)
        future = Future()
        self.pending[key] = future
        self.loads.append(key)
        future.set_result(key.upper())
        return future.result()


loader = Loader()


def ask() -> None:
    for number in range(30):
        loader.load(f"key{number}")


threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(loader.loads))
