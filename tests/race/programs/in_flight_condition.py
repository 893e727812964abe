"""Who is inside is counted under a condition, on which the main thread waits for the last one."""

import threading
from types import TracebackType


class Tracker:
    def __init__(self) -> None:
        self.idle = threading.Condition()
        self.in_flight = 0
        self.calls = 0

    def __enter__(self) -> "Tracker":
        with self.idle:
            self.in_flight += 1
            self.calls += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self.idle:
            self.in_flight -= 1
            if not self.in_flight:
                self.idle.notify_all()

    def wait_until_idle(self) -> int:
        with self.idle:
            self.idle.wait_for(lambda: not self.in_flight)
            return self.calls


tracker = Tracker()


def call() -> None:
    for _ in range(30):
        with tracker:
            pass


threads = [threading.Thread(target=call) for _ in range(2)]
for thread in threads:
    thread.start()
tracker.wait_until_idle()
for thread in threads:
    thread.join()
assert tracker.wait_until_idle() == 60
