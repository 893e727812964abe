"""The main thread reads what its worker has so far, and does not wait for it."""

import threading


class Download(threading.Thread):
    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.sizes = sizes
        self.received = 0
        self.chunks = 0

    def run(self) -> None:
        for size in self.sizes:
            self.received += size
            self.chunks += 1


downloads = [Download([1000 + number] * 50) for number in range(2)]
for download in downloads:
    download.start()
for download in downloads:
    print(download.received // max(download.chunks, 1))
for download in downloads:
    download.join()
