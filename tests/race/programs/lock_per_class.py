"""The total belongs to the class, and so does its lock."""

import threading


class Downloader:
    total_bytes = 0
    _lock = threading.Lock()

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self) -> None:
        for size in range(20):
            with self._lock:
                Downloader.total_bytes += size


downloaders = [Downloader(f"mirror{number}") for number in range(3)]
threads = [threading.Thread(target=each.run) for each in downloaders]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert Downloader.total_bytes == 3 * sum(range(20))
