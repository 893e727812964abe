"""A state machine asks for its state and goes on to the next inside a context manager's lock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Machine:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.state = "idle"
        self.rounds = 0

    @contextmanager
    def exclusive(self) -> Iterator[str]:
        self._lock.acquire()
        try:
            yield self.state
        finally:
            self._lock.release()

    def advance(self) -> None:
        with self.exclusive() as state:
            match state:
                case "idle":
                    self.state = "warm"
                case "warm":
                    self.state = "running"
                case "running":
                    self.state = "idle"
                    self.rounds += 1


machine = Machine()


def drive() -> None:
    for _ in range(30):
        machine.advance()


threads = [threading.Thread(target=drive) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert machine.rounds == 20
