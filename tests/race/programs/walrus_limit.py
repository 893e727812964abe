"""A circuit breaker counts failures up to a limit."""

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    limit: int
    failures: int = 0

    def fail(self) -> bool:
        if (failures := self.failures) < self.limit:
            self.failures = failures + 1
            return False
        return True


breaker = Breaker(50)


def call() -> None:
    while not breaker.fail():
        pass


threads = [threading.Thread(target=call) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(breaker.failures)
