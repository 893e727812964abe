"""Each instance has a lock of its own; the total belongs to all of them."""

import threading


class Downloader:
    total_bytes = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()

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
print(Downloader.total_bytes)
