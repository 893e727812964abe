"""Threads of a web server count what they serve, under a lock that the dataclass brings along."""

import threading
from dataclasses import dataclass, field


@dataclass
class PageStats:
    path: str
    views: int = 0
    bytes_sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def served(self, size: int) -> None:
        with self.lock:
            self.views += 1
            self.bytes_sent += size


front = PageStats("/")


def serve(requests: int) -> None:
    for number in range(requests):
        front.served(100 + number)


threads = [threading.Thread(target=serve, args=(30,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert front.views == 90
assert front.bytes_sent == 3 * sum(range(100, 130))
