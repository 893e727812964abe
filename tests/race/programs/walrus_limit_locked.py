"""A circuit breaker counts failures up to a limit, under the module's lock."""

import threading
from dataclasses import dataclass

breaker_lock = threading.Lock()


@dataclass(slots=True)
class Breaker:
    limit: int
    failures: int = 0

    def fail(self) -> bool:
        with breaker_lock:
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
assert breaker.failures == 50
