"""Threads of a web server count what they serve."""

import threading
from dataclasses import dataclass


@dataclass
class PageStats:
    path: str
    views: int = 0
    bytes_sent: int = 0

    def served(self, size: int) -> None:
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
print(f"{front.path}: {front.views} views, {front.bytes_sent} bytes")
