"""A sliding window in a deque that one thread at a time moves along."""

import threading
import time
from collections import deque


class RateLimiter:
    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self.calls: deque[float] = deque()
        self.lock = threading.Lock()

    def allow(self) -> bool:
        now = time.monotonic()
        with self.lock:
            while self.calls and self.calls[0] < now - self.seconds:
                self.calls.popleft()
            if len(self.calls) >= self.limit:
                return False
            self.calls.append(now)
            return True


limiter = RateLimiter(10, seconds=60)


def client() -> None:
    for _ in range(10):
        limiter.allow()


clients = [threading.Thread(target=client) for _ in range(3)]
for each in clients:
    each.start()
for each in clients:
    each.join()
assert len(limiter.calls) == 10
