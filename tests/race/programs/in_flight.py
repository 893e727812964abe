"""A context manager counts who is inside, and takes note when the last one left."""

import threading
import time
from types import TracebackType


class Tracker:
    def __init__(self) -> None:
        self.in_flight = 0
        self.idle_since = 0.0

    def __enter__(self) -> "Tracker":
        self.in_flight += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.in_flight -= 1
        if not self.in_flight:
            self.idle_since = time.monotonic()


tracker = Tracker()


def call() -> None:
    for _ in range(30):
        with tracker:
            pass


threads = [threading.Thread(target=call) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
